import { Graph, layout } from '@dagrejs/dagre';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Chain } from './causes.js';

const WIDTH = 210;
const HEIGHT = 58;
const MARGIN = 12;

interface WhyGraphProps {
  readonly chain: Chain;
  readonly selected: string | undefined;
  readonly onSelect: (id: string) => void;
}

/** The chain drawn from causes above to what followed below. The list beside it says the same to who does not see it. */
export function WhyGraph({ chain, selected, onSelect }: WhyGraphProps) {
  const drawn = useMemo(() => placed(chain), [chain]);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const node = drawn.nodes.find(({ id }) => id === selected);
    const { current } = box;
    if (node !== undefined) current?.scrollTo({ left: node.x - current.clientWidth / 2, top: node.y - current.clientHeight / 2, behavior: 'smooth' });
  }, [selected]);
  return (
    <div class="graph" ref={box} aria-hidden="true">
      <svg width={drawn.width} height={drawn.height} viewBox={`0 0 ${drawn.width} ${drawn.height}`}>
        <defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" /></marker></defs>
        {drawn.edges.map(({ id, path, because, x, y }) => <g key={id} class="edge"><path d={path} marker-end="url(#arrow)" />{because === '' ? null : <text x={x} y={y}>{because}</text>}</g>)}
        {drawn.nodes.map(({ id, kind, title, detail, place, x, y }) => (
          <g key={id} class="node" data-kind={kind} data-selected={id === selected} data-untrusted={place?.trusted === false} transform={`translate(${x - WIDTH / 2} ${y - HEIGHT / 2})`} onClick={() => onSelect(id)}>
            <rect width={WIDTH} height={HEIGHT} rx={6} />
            <foreignObject width={WIDTH} height={HEIGHT}><div class="text"><strong>{title}</strong><span>{place === undefined ? detail : `#${place.commit}  ${detail}`}</span></div></foreignObject>
          </g>
        ))}
      </svg>
    </div>
  );
}

function placed({ causes, links }: Chain) {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'TB', nodesep: 24, ranksep: 44, marginx: MARGIN, marginy: MARGIN });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id } of causes) graph.setNode(id, { width: WIDTH, height: HEIGHT });
  for (const { from, to } of links) graph.setEdge(from, to, {});
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return {
    width, height,
    nodes: causes.map((cause) => ({ ...cause, ...at(graph.node(cause.id)) })),
    edges: links.map(({ from, to, because }) => {
      const points = (graph.edge(from, to) as { readonly points: readonly Point[] }).points;
      const middle = points[Math.floor(points.length / 2)] ?? { x: 0, y: 0 };
      return { id: `${from} ${to}`, path: `M${points.map(({ x, y }) => `${x} ${y}`).join('L')}`, because, x: middle.x + 6, y: middle.y };
    }),
  };
}

interface Point { readonly x: number; readonly y: number }
const at = ({ x = 0, y = 0 }: Partial<Point>): Point => ({ x, y });
