import type { WhyGraph } from './why.schema.js';

const LONGEST_LABEL = 160;

/** The graph as a flowchart of Mermaid (https://mermaid.js.org/syntax/flowchart.html): causes above, what followed from them below. */
export function drawGraph({ runId, nodes, edges }: WhyGraph): string {
  const drawn = nodes.map((node) => {
    const where = [...(node.runId === runId ? [] : [`run ${node.runId}`]), ...(node.commit === undefined ? [] : [`commit ${node.commit}`]), ...(node.trusted ? [] : ['NOT TRUSTED'])].join(', ');
    return `  ${node.id}["${written(node.label)}${where === '' ? '' : `<br/>${written(where)}`}"]${node.trusted ? '' : ':::untrusted'}`;
  });
  const arrows = edges.map(({ from, to, label }) => `  ${from} -->${label === undefined ? '' : `|"${written(label)}"|`} ${to}`);
  return ['flowchart TD', ...drawn, ...arrows, '  classDef untrusted stroke:#b00,stroke-dasharray:4', ''].join('\n');
}

/** Everything but plain letters, digits and a little punctuation by its number, so that no text can end its label or draw. */
function written(text: string): string {
  const short = text.length > LONGEST_LABEL ? `${text.slice(0, LONGEST_LABEL - 1)}…` : text;
  return short.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').replace(/[^\p{L}\p{N} .,:;/_()-]/gu, (character) => `#${character.codePointAt(0)};`);
}
