import { describe, expect, it } from '@jest/globals';
import { findFile, projectPage } from './simple-index.js';

const PAGE = new URL('https://index.example/simple/sample-tool/');
const FILE = 'sample_tool-1.0.0-py3-none-any.whl';

describe('a package index', () => {
  it('has its project’s page at the normalised name, with or without a slash at the end of the index', () => {
    expect(projectPage('https://index.example/simple', 'Sample_Tool').href).toBe(PAGE.href);
    expect(projectPage('https://index.example/simple/', 'sample.-tool').href).toBe(PAGE.href);
  });

  it('is read as JSON', () => {
    const body = JSON.stringify({ files: [{ filename: 'other.whl', url: '/other.whl' }, { filename: FILE, url: `https://files.example/a/${FILE}` }] });
    expect(findFile(body, 'application/vnd.pypi.simple.v1+json', PAGE, FILE)?.href).toBe(`https://files.example/a/${FILE}`);
  });

  it('is read as HTML, with relative references, entities, either quotes and a fragment', () => {
    const body = `<html><body><a href="other.whl">other.whl</a><br/>\n<A data-requires-python="&gt;=3.8" href='../../files/${FILE}?a=1&amp;b=2#sha256=00'>\n ${FILE}</A></body></html>`;
    expect(findFile(body, 'text/html; charset=utf-8', PAGE, FILE)?.href).toBe(`https://index.example/files/${FILE}?a=1&b=2`);
  });

  it('may name another base for the references of its HTML', () => {
    expect(findFile(`<base href="https://mirror.example/x/"><a href="${FILE}">${FILE}</a>`, 'text/html', PAGE, FILE)?.href).toBe(`https://mirror.example/x/${FILE}`);
  });

  it.each([
    ['a page without the file', JSON.stringify({ files: [] }), 'application/json'],
    ['text that is no JSON', '<html>', 'application/json'],
    ['JSON of another shape', '{"files":{"a":1}}', 'application/json'],
    ['a file with an address that is not of the web', JSON.stringify({ files: [{ filename: FILE, url: 'file:///etc/passwd' }] }), 'application/json'],
    ['a link whose text is another name', `<a href="${FILE}">another</a>`, 'text/html'],
  ])('does not have the file when it answers with %s', (_what, body, type) => {
    expect(findFile(body, type, PAGE, FILE)).toBeUndefined();
  });
});
