import { html, parse, type DefaultTreeAdapterTypes } from 'parse5';

/** The text that a reader of a document sees, and what stands in it that no reader would see. */
export interface VisibleText {
  readonly text: string;
  /** Text of elements that are hidden, in reading order; empty when there is none. */
  readonly hidden: string;
}

type Node = DefaultTreeAdapterTypes.Node;
type Element = DefaultTreeAdapterTypes.Element;

/** Never text, whatever stands in them. Comments are no text either. */
const NO_TEXT = new Set(['script', 'style', 'head', 'title', 'template', 'noscript', 'iframe', 'object', 'svg', 'math', 'canvas', 'audio', 'video']);
const PARAGRAPHS = new Set(['address', 'article', 'aside', 'blockquote', 'body', 'details', 'dialog', 'div', 'dl', 'fieldset', 'figure', 'footer', 'form', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'header', 'hr', 'main', 'nav', 'ol', 'p', 'pre', 'section', 'table', 'ul']);
const LINES = new Set(['br', 'dd', 'dt', 'figcaption', 'li', 'option', 'summary', 'tr', 'caption']);
const CELLS = new Set(['td', 'th']);

/** Declarations that take text out of sight. */
const HIDING: readonly RegExp[] = [
  /(^|;)\s*display\s*:\s*none/, /(^|;)\s*visibility\s*:\s*(hidden|collapse)/, /(^|;)\s*opacity\s*:\s*0*\.?0*\s*(%|;|!|$)/, /(^|;)\s*font(-size)?\s*:\s*[^;]*\b0*\.?[01]?(px|pt|em|rem|%)/, /(^|;)\s*font-size\s*:\s*0*\s*(;|!|$)/,
  /(^|;)\s*(text-indent|left|right|top|bottom|margin-left|margin-top)\s*:\s*-\d{3,}/, /(^|;)\s*clip(-path)?\s*:\s*(rect\(\s*[01]|inset\(\s*(50|100)%|circle\(\s*0)/, /(^|;)\s*color\s*:\s*transparent/,
  /(^|;)\s*transform\s*:\s*[^;]*scale\(\s*0/, /(^|;)\s*(max-)?(height|width)\s*:\s*0(px)?\s*(;|!|$)/,
];

/**
 * What a reader sees of an HTML document. Scripts, styles, comments and elements that are not displayed are left out, and the
 * text of the latter is given beside, since hidden text in a document that a model shall read is seldom there by chance.
 *
 * A style is judged by the element's own `style`, and by the document's style sheets as far as their selectors are a tag, a
 * class or an id. What scripts and linked style sheets would hide is not known here.
 */
export function visibleText(source: string): VisibleText {
  const document = parse(source);
  const sheet = hidingSelectors(document);
  const shown = new Writer();
  const hidden = new Writer();
  // A stack of its own: the nesting of a hostile document must not exhaust the engine's.
  const pending: { readonly node: Node; readonly isHidden: boolean; readonly isPre: boolean; readonly leaves?: true }[] = [{ node: document, isHidden: false, isPre: false }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node, isPre } = next;
    const into = next.isHidden ? hidden : shown;
    if ('value' in node) into.write(node.value, isPre);
    if (!('childNodes' in node)) continue;
    const name = 'tagName' in node ? node.tagName : '';
    if (next.leaves === true) {
      into.end(name);
      continue;
    }
    if (NO_TEXT.has(name) && !('namespaceURI' in node && node.namespaceURI !== html.NS.HTML && name === 'title')) continue;
    const isHidden = next.isHidden || ('tagName' in node && isOutOfSight(node, sheet));
    (isHidden ? hidden : shown).begin(name);
    pending.push({ node, isHidden, isPre, leaves: true });
    for (const child of [...node.childNodes].reverse()) pending.push({ node: child, isHidden, isPre: isPre || name === 'pre' });
  }
  return { text: shown.text, hidden: hidden.text };
}

/** Collects text with a blank line between paragraphs, and white space as a browser would show it. */
class Writer {
  private readonly pieces: string[] = [];
  private isAfterSpace = true;

  get text(): string {
    return this.pieces.join('').replaceAll(/[^\S\n]+\n/g, '\n').replaceAll(/\n{3,}/g, '\n\n').trim();
  }

  write(text: string, isPre: boolean): void {
    if (isPre) this.put(text);
    else this.put(this.isAfterSpace ? text.replaceAll(/\s+/g, ' ').trimStart() : text.replaceAll(/\s+/g, ' '));
  }

  begin(name: string): void {
    if (PARAGRAPHS.has(name)) this.put('\n\n');
    else if (LINES.has(name)) this.put('\n');
    if (name === 'li') this.put('- ');
  }

  end(name: string): void {
    if (PARAGRAPHS.has(name)) this.put('\n\n');
    else if (LINES.has(name) && name !== 'br') this.put('\n');
    else if (CELLS.has(name)) this.put(' | ');
  }

  private put(piece: string): void {
    if (piece === '') return;
    this.pieces.push(piece);
    this.isAfterSpace = /\s/.test(piece.at(-1) ?? '');
  }
}

function isOutOfSight(element: Element, sheet: ReadonlySet<string>): boolean {
  const attributes = new Map(element.attrs.map(({ name, value }) => [name, value]));
  if (attributes.has('hidden') || (element.tagName === 'dialog' && !attributes.has('open'))) return true;
  if (isHiding(attributes.get('style') ?? '')) return true;
  if (sheet.size === 0) return false;
  const classes = (attributes.get('class') ?? '').split(/\s+/).filter((name) => name !== '').map((name) => `.${name}`);
  const id = attributes.get('id');
  const own = [...classes, ...(id === undefined ? [] : [`#${id}`])];
  return [element.tagName, ...own, ...own.map((selector) => `${element.tagName}${selector}`)].some((selector) => sheet.has(selector));
}

function isHiding(style: string): boolean {
  const declarations = style.toLowerCase().replaceAll(/\/\*[\s\S]*?\*\//g, '');
  if (HIDING.some((pattern) => pattern.test(declarations))) return true;
  const color = /(?:^|;)\s*color\s*:\s*([^;!]+)/.exec(declarations)?.[1]?.trim();
  const ground = /(?:^|;)\s*background(?:-color)?\s*:\s*([^;!]+)/.exec(declarations)?.[1]?.trim();
  return color !== undefined && color === ground;
}

/** The simple selectors of the document's own style sheets whose rules hide. */
function hidingSelectors(document: Node): ReadonlySet<string> {
  const selectors = new Set<string>();
  const pending: Node[] = [document];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (!('childNodes' in node)) continue;
    for (const child of node.childNodes) pending.push(child);
    if (!('tagName' in node) || node.tagName !== 'style') continue;
    const rules = node.childNodes.map((child) => ('value' in child ? child.value : '')).join('').replaceAll(/\/\*[\s\S]*?\*\//g, '');
    for (const [, list = '', declarations = ''] of rules.matchAll(/([^{}]+)\{([^{}]*)\}/g)) {
      if (isHiding(declarations)) for (const selector of list.split(',')) selectors.add(selector.trim());
    }
  }
  return selectors;
}
