import { describe, expect, it } from '@jest/globals';
import { checkedSize, firstView, type Chunk } from './first-view.js';

const chunk = (fileName: string, rest: Partial<Chunk> = {}): Chunk => ({ fileName, isEntry: false, imports: [], styles: [], moduleIds: [], ...rest });
const build = [
  chunk('main.js', { isEntry: true, imports: ['core.js'], styles: ['main.css'] }),
  chunk('core.js', { imports: ['main.js'] }),
  chunk('runs.js', { imports: ['core.js', 'list.js'], moduleIds: ['/console/src/runs/runs-page.tsx'] }),
  chunk('list.js', { styles: ['list.css'] }),
  chunk('graph.js', { imports: ['core.js'], styles: ['graph.css'] }),
];

describe('the first view', () => {
  it('is the page, what it begins with and the first page of the console, and nothing that is loaded later', () => {
    expect([...firstView(build, '/runs/runs-page.tsx')].sort()).toEqual(['core.js', 'index.html', 'list.css', 'list.js', 'main.css', 'main.js', 'runs.js']);
  });

  it('cannot be measured without its page', () => {
    expect(() => firstView(build, '/runs/other.tsx')).toThrow('the build has no /runs/other.tsx');
  });

  it('may be as large as the limit and no larger', () => {
    expect(checkedSize({ 'main.js': 60, 'main.css': 40 }, 100)).toBe(100);
    expect(() => checkedSize({ 'main.js': 60, 'main.css': 41 }, 100)).toThrow('the first view is 101 bytes compressed and may be 100: main.js 60, main.css 41');
  });
});
