import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { crc32 } from 'node:zlib';
import type { WheelPin } from './pin.js';

/** A zip archive with the files stored as they are (APPNOTE 4.3). A mode of 0o120777 makes a symbolic link. */
export function zipOf(files: readonly { readonly name: string; readonly content: string; readonly mode?: number }[]): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, content, mode = 0o100644 } of files) {
    const data = Buffer.from(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const header = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), data]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE((mode << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, rest, Buffer.from(name)]));
    local.push(header);
    offset += header.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}

/** The same wheel for every platform. */
export function pinOf(wheel: Buffer): WheelPin {
  const pinned = { filename: 'sample_tool-1.0.0-py3-none-any.whl', sha256: createHash('sha256').update(wheel).digest('hex'), pipPlatform: 'any' };
  return { project: 'sample-tool', version: '1.0.0', pipArguments: [], wheels: { 'linux-x64': pinned, 'linux-arm64': pinned, 'darwin-x64': pinned, 'darwin-arm64': pinned } };
}

export interface LocalIndex {
  readonly url: string;
  /** The paths that were asked for. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** A package index on this machine with one wheel. */
export async function serveIndex(delivered: Buffer, format: 'json' | 'html', filename: string): Promise<LocalIndex> {
  const requests: string[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    requests.push(request.url ?? '');
    if (request.url === `/files/${filename}`) response.end(delivered);
    else if (request.url !== '/simple/sample-tool/') response.writeHead(404).end();
    else if (format === 'json') response.setHeader('content-type', 'application/vnd.pypi.simple.v1+json').end(JSON.stringify({ files: [{ filename, url: `../../files/${filename}` }] }));
    else response.setHeader('content-type', 'text/html').end(`<a href="../../files/${filename}#sha256=0">${filename}</a>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}/simple`,
    requests,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}
