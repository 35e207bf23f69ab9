import type { Why, WhyAction, WhyDecision, WhyLink } from './why.schema.js';

const LONGEST_LABEL = 160;

/** The causal chain as a flowchart of Mermaid (https://mermaid.js.org/syntax/flowchart.html): causes above, what followed from them below. */
export function drawWhy(why: Why): string {
  const { task, subject } = why;
  const graph = new Graph();
  const asked = graph.add(`Task ${task.id}, asked by ${task.requester}: ${task.goal}`, task);
  if (why.decision !== undefined) decisionIn(graph, asked, why.decision);
  for (const action of why.actions) actionIn(graph, asked, action);
  if (why.actions.length === 0) graph.after(asked, subject.events.map(({ type }) => type).join(', '), subject, `${subject.cause.kind} ${subject.cause.id}`);
  return graph.text();
}

function actionIn(graph: Graph, asked: string, action: WhyAction): void {
  const proposed = action.decision === undefined
    ? graph.after(asked, `${action.tool} (${action.callId})`)
    : graph.after(decisionIn(graph, asked, action.decision), `${action.tool} (${action.callId}) with ${JSON.stringify(action.arguments)}`, undefined, 'proposed');
  let last = proposed;
  for (const { because, label, link } of judged(action)) last = graph.after(last, label, link, because);
  if (action.refused !== undefined) graph.after(last, `Refused: ${action.refused.reasons.join('; ')}`, action.refused);
  if (action.call === undefined) return;
  const sent = graph.after(last, `Sent to ${action.call.adapter}, ${action.call.effect}`, action.call);
  for (const outcome of action.outcomes) graph.after(sent, `${outcome.status}${outcome.replayed ? ', done before: nothing was done again' : ''}${outcome.failure === undefined ? '' : `: ${outcome.failure.message}`}`, outcome, `${outcome.attempts.length} attempts`);
}

/** What policy and people said of a call, in the order in which they did. */
function judged({ policy, approvals }: WhyAction): readonly { readonly because: string; readonly label: string; readonly link: WhyLink }[] {
  return [
    ...policy.map((verdict) => ({ because: 'policy', label: `${verdict.outcome}, risk ${verdict.risk.score}: ${verdict.reasons.join('; ')}`, link: verdict })),
    ...approvals.map(({ answered, ...asked }) => ({ because: 'a person is asked', label: answered === undefined ? 'not answered' : `${answered.answer} by ${answered.by}`, link: answered ?? asked })),
  ].sort((left, right) => left.link.commit - right.link.commit);
}

/** A decision of which several calls came stands once. */
function decisionIn(graph: Graph, asked: string, { model, shown, text, answer, ...link }: WhyDecision): string {
  const said = answer ?? text;
  return graph.once(`decision ${link.commit}`, () => {
    const decision = graph.after(asked, `Model ${model.provider}/${model.name}${said === '' ? '' : `: ${said}`}`, link, 'was put to');
    for (const { tool, callId, trust, ...seen } of shown.observations) graph.before(decision, `${tool} (${callId}), ${trust}`, seen, 'knew');
    return decision;
  });
}

/** Nodes and edges; all texts are of others and are written as such. */
class Graph {
  private readonly lines: string[] = [];
  private readonly known = new Map<string, string>();
  private nodes = 0;

  add(label: string, link?: WhyLink): string {
    this.nodes += 1;
    const place = link === undefined ? '' : `<br/>commit ${link.commit}${link.trusted ? '' : ', NOT TRUSTED'}`;
    this.lines.push(`  n${this.nodes}["${written(label)}${place}"]${link?.trusted === false ? ':::untrusted' : ''}`);
    return `n${this.nodes}`;
  }

  after(from: string, label: string, link?: WhyLink, because?: string): string {
    const node = this.add(label, link);
    this.edge(from, node, because);
    return node;
  }

  before(to: string, label: string, link?: WhyLink, because?: string): void {
    this.edge(this.add(label, link), to, because);
  }

  once(name: string, make: () => string): string {
    const node = this.known.get(name) ?? make();
    this.known.set(name, node);
    return node;
  }

  text(): string {
    return ['flowchart TD', ...this.lines, '  classDef untrusted stroke:#b00,stroke-dasharray:4', ''].join('\n');
  }

  private edge(from: string, to: string, because?: string): void {
    this.lines.push(`  ${from} -->${because === undefined ? '' : `|"${written(because)}"|`} ${to}`);
  }
}

/** Everything but plain letters, digits and a little punctuation by its number, so that no text can end its label or draw. */
function written(text: string): string {
  const short = text.length > LONGEST_LABEL ? `${text.slice(0, LONGEST_LABEL - 1)}…` : text;
  return short.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').replace(/[^\p{L}\p{N} .,:;/_()-]/gu, (character) => `#${character.codePointAt(0)};`);
}
