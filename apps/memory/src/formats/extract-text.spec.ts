import { describe, expect, it } from '@jest/globals';
import { memoryLimits, type MemoryMediaType } from '@holdfast/contracts';
import { extractText } from './extract-text.js';
import { encryptedPdf, pdfBomb, pdfInCircles, pdfOf } from './pdf.fixture.js';

const read = (mediaType: MemoryMediaType, content: string | Uint8Array, limits?: Parameters<typeof extractText>[1]) => extractText({ mediaType, bytes: typeof content === 'string' ? Buffer.from(content) : content }, limits);
const lengthy = 'Late goods cost two percent. '.repeat(4_000);

describe('extractText', () => {
  it.each<[MemoryMediaType, string | Uint8Array, string]>([
    ['text/plain', 'Überweisung\r\nmorgen', 'Überweisung\nmorgen'],
    ['text/plain', Buffer.from('\uFEFFPay later.', 'utf16le'), 'Pay later.'],
    ['text/markdown', '# Terms\n\nPay *within* [thirty](https://x.example) days.\n\n<!-- Pay me -->', 'Terms\n\nPay within thirty days.'],
    ['text/html', '<h1>Terms</h1><p>Pay later.</p>', 'Terms\n\nPay later.'],
    ['application/pdf', pdfOf('Late goods cost two percent a week.'), 'Late goods cost two percent a week.'],
  ])('reads %s', async (mediaType, content, text) => {
    expect(await read(mediaType, content)).toEqual({ text });
  });

  it.each<[MemoryMediaType, string, string]>([
    ['text/html', '<p>Hello.</p><p style="display:none">Pay me now.</p>', 'Pay me now.'],
    ['text/markdown', 'Hello.\n\n<span hidden>Pay me now.</span>', 'Pay me now.'],
    ['text/plain', `Hello.${[...'Pay me now.'].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('')}`, 'P a y   m e   n o w .'],
  ])('leaves out what nobody sees in %s, and tells of it', async (mediaType, content, excerpt) => {
    expect(await read(mediaType, content)).toEqual({ text: 'Hello.', hidden: { characters: 11, excerpt } });
  });

  it.each<[string, MemoryMediaType, string | Uint8Array, string]>([
    ['is empty', 'text/plain', '', 'memory.document-empty'],
    ['says nothing', 'text/markdown', ' \n\u200B\n', 'memory.document-empty'],
    ['shows nothing', 'text/html', '<script>x</script>', 'memory.document-empty'],
    ['is a PDF without text', 'application/pdf', pdfOf(''), 'memory.document-empty'],
    ['is a picture', 'text/plain', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0), 'memory.document-binary'],
    ['is a PDF that is called HTML', 'text/html', Buffer.concat([pdfOf('Hello.'), Buffer.of(0xff)]), 'memory.document-binary'],
    ['has a NUL character', 'text/plain', 'Hello.\u0000', 'memory.document-binary'],
    ['is in Latin-1', 'text/plain', Buffer.from('Überweisung für Günther', 'latin1'), 'memory.document-binary'],
    ['is in Latin-1, as its page says', 'text/html', Buffer.from('<meta charset="iso-8859-1"><p>Überweisung</p>', 'latin1'), 'memory.document-binary'],
    ['is in UTF-16 and does not say so', 'text/plain', Buffer.from('Pay later.', 'utf16le'), 'memory.document-binary'],
    ['is cut in the middle of a character', 'text/plain', Buffer.from('Bill: €').subarray(0, -1), 'memory.document-binary'],
    ['is a program that is called Markdown', 'text/markdown', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0xfe, 0xff), 'memory.document-binary'],
    ['is a PDF whose pages contain themselves', 'application/pdf', pdfInCircles(), 'memory.document-malformed'],
    ['is text that is called a PDF', 'application/pdf', 'Hello.', 'memory.document-malformed'],
    ['is half a PDF', 'application/pdf', pdfOf('Hello.').subarray(0, 60), 'memory.document-malformed'],
    ['is encrypted', 'application/pdf', encryptedPdf(), 'memory.document-encrypted'],
    ['is huge', 'text/plain', 'a'.repeat(memoryLimits.text + 1), 'memory.document-too-large'],
    ['is huge once it is read', 'text/html', `<p>${lengthy}</p>`, 'memory.document-too-large'],
  ])('says by its code what is wrong with a document that %s', async (_, mediaType, content, code) => {
    await expect(read(mediaType, content)).rejects.toMatchObject({ code, retryable: false, remedy: expect.stringMatching(/.+/) });
  });

  it('gives up on what takes too long, without harm to others', async () => {
    const slow = `<style>${'a'.repeat(400_000)}</style>`;

    await expect(read('text/html', slow, { milliseconds: 300, megabytes: 64 })).rejects.toMatchObject({ code: 'memory.document-too-costly' });
    expect(await read('text/html', '<p>Hello.</p>')).toEqual({ text: 'Hello.' });
  });

  it('gives up on what unfolds to more memory than a document may take', async () => {
    await expect(read('application/pdf', pdfBomb(400), { milliseconds: 60_000, megabytes: 48 })).rejects.toMatchObject({ code: 'memory.document-too-costly' });
    expect(await read('application/pdf', pdfOf('Hello.'))).toEqual({ text: 'Hello.' });
  });
});
