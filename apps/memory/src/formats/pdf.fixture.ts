import { deflateSync } from 'node:zlib';

/** A PDF of one page (ISO 32000-1, 7.5) with this content stream and these further entries of the trailer and objects. */
function pdf(stream: Buffer, { filter = '', trailer = '', objects = [] }: { readonly filter?: string; readonly trailer?: string; readonly objects?: readonly string[] } = {}): Buffer {
  const bodies = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 5 0 R /Resources << /Font << /F1 4 0 R >> >> >>',
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  const parts: Buffer[] = [Buffer.from('%PDF-1.4\n')];
  const offsets: number[] = [];
  const add = (part: Buffer): void => { parts.push(part); };
  const length = (): number => parts.reduce((sum, part) => sum + part.length, 0);
  const all = [...bodies.map((body) => Buffer.from(body)), Buffer.concat([Buffer.from(`<< /Length ${stream.length} ${filter} >>\nstream\n`), stream, Buffer.from('\nendstream')]), ...objects.map((body) => Buffer.from(body))];
  all.forEach((body, index) => {
    offsets.push(length());
    add(Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), body, Buffer.from('\nendobj\n')]));
  });
  const start = length();
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  add(Buffer.from(`xref\n0 ${all.length + 1}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${all.length + 1} /Root 1 0 R ${trailer} >>\nstartxref\n${start}\n%%EOF\n`));
  return Buffer.concat(parts);
}

const content = (text: string): Buffer => Buffer.from(`BT /F1 12 Tf 72 720 Td (${text}) Tj ET`);

export const pdfOf = (text: string): Buffer => pdf(content(text));

/** Encrypted with a password that nobody knows: what shall prove that a password is right is noise. */
export const encryptedPdf = (): Buffer => pdf(content('Secret.'), {
  objects: [`<< /Filter /Standard /V 1 /R 2 /P -4 /O <${'a1'.repeat(32)}> /U <${'b2'.repeat(32)}> >>`],
  trailer: `/Encrypt 6 0 R /ID [<${'00'.repeat(16)}> <${'00'.repeat(16)}>]`,
});

/** Its page tree has itself for a child. */
export const pdfInCircles = (): Buffer => Buffer.from(pdf(content('Hello.')).toString('latin1').replace('/Kids [3 0 R]', '/Kids [2 0 R]'), 'latin1');

/** A small file whose page unfolds to so many megabytes. */
export const pdfBomb = (megabytes: number): Buffer => pdf(deflateSync(Buffer.alloc(megabytes * 1_048_576, ' ')), { filter: '/Filter /FlateDecode' });
