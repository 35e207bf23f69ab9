/** The media types of a package index's page of one project, best first (PEP 691). */
export const INDEX_MEDIA_TYPES = 'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1';

/** The page of a project on an index (PEP 503): the name normalised, with a slash at the end. */
export function projectPage(index: string, project: string): URL {
  const normalised = project.toLowerCase().replaceAll(/[-_.]+/g, '-');
  return new URL(`${normalised}/`, index.endsWith('/') ? index : `${index}/`);
}

/**
 * Finds one file on a project's page, in JSON (PEP 691) or HTML (PEP 503), and answers its absolute address without the
 * fragment; undefined when the page does not list it. `page` is the address the page was read from, after redirects.
 */
export function findFile(body: string, contentType: string, page: URL, filename: string): URL | undefined {
  const base = contentType.includes('json') ? page : baseOf(body, page);
  const reference = contentType.includes('json') ? referenceInJson(body, filename) : referenceInHtml(body, filename);
  if (reference === undefined || !URL.canParse(reference, base.href)) return undefined;
  const url = new URL(reference, base);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined;
  url.hash = '';
  return url;
}

function referenceInJson(body: string, filename: string): string | undefined {
  let page: unknown;
  try {
    page = JSON.parse(body);
  } catch {
    return undefined;
  }
  const files: unknown = typeof page === 'object' && page !== null && 'files' in page ? page.files : undefined;
  if (!Array.isArray(files)) return undefined;
  for (const file of files as readonly unknown[]) {
    if (typeof file === 'object' && file !== null && 'filename' in file && file.filename === filename && 'url' in file && typeof file.url === 'string') return file.url;
  }
  return undefined;
}

const ANCHOR = /<a\b[^>]*?\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')[^>]*>([\s\S]*?)<\/a\s*>/gi;
const BASE = /<base\b[^>]*?\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')/i;

function referenceInHtml(body: string, filename: string): string | undefined {
  for (const [, doubleQuoted, singleQuoted, text] of body.matchAll(ANCHOR)) {
    if (decodeEntities(text ?? '').trim() === filename) return decodeEntities(doubleQuoted ?? singleQuoted ?? '');
  }
  return undefined;
}

function baseOf(body: string, page: URL): URL {
  const found = BASE.exec(body);
  const reference = found?.[1] ?? found?.[2];
  return reference !== undefined && URL.canParse(reference, page.href) ? new URL(reference, page) : page;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'" };

function decodeEntities(text: string): string {
  return text.replaceAll(/&(amp|lt|gt|quot|#39|#x27);/g, (entity, name: string) => ENTITIES[name] ?? entity);
}
