import type { Why, WhyAction, WhyDecision, WhyGraph, WhyInRun, WhyLink } from './why.schema.js';

type Node = WhyGraph['nodes'][number];
type Kind = Node['kind'];

/** The causal chain as nodes and edges: causes first, and edges from them to what followed. Runs from which this one came stand above it. */
export function graphOf(why: Why): WhyGraph {
  const graph = new Graph();
  let above: { readonly node: string; readonly because: string } | undefined;
  for (const { relation, runId, callId, commit, holds, problem, why: told } of why.origins.toReversed()) {
    const because = relation === 'started-by' ? `its call ${callId} started the run` : `the run was forked at commit ${commit}`;
    const last = told === undefined ? undefined : runIn(graph, told, above);
    const broken = holds && problem === undefined ? undefined : graph.add('break', runId, `BROKEN LINK: ${problem}`, undefined, false);
    if (broken !== undefined && last !== undefined) graph.edge(last, broken);
    const node = broken ?? last;
    above = node === undefined ? above : { node, because };
  }
  runIn(graph, why, above);
  return { runId: why.runId, nodes: graph.nodes, edges: graph.edges };
}

/** The last thing that happened of what the run tells. */
function runIn(graph: Graph, why: WhyInRun, above: { readonly node: string; readonly because: string } | undefined): string {
  const { task, subject, chain, runId } = why;
  const run = new RunInGraph(graph, runId);
  const asked = run.add('task', `Task ${task.id}, asked by ${task.requester}: ${task.goal}`, task);
  if (above !== undefined) graph.edge(above.node, asked, above.because);
  if (chain.brokenAt !== undefined) graph.edge(asked, graph.add('break', runId, `CHAIN BROKEN at commit ${chain.brokenAt.number}: ${chain.brokenAt.problem}`, undefined, false));
  let last = why.decision === undefined ? asked : decisionIn(run, asked, why.decision);
  for (const action of why.actions) last = actionIn(run, asked, action);
  if (why.actions.length === 0) last = run.after(asked, 'commit', subject.events.map(({ type }) => type).join(', '), subject, `${subject.cause.kind} ${subject.cause.id}`);
  return last;
}

function actionIn(run: RunInGraph, asked: string, action: WhyAction): string {
  const proposed = action.decision === undefined
    ? run.after(asked, 'proposal', `${action.tool} (${action.callId})`)
    : run.after(decisionIn(run, asked, action.decision), 'proposal', `${action.tool} (${action.callId}) with ${JSON.stringify(action.arguments)}`, undefined, 'proposed');
  let last = proposed;
  for (const { kind, because, label, link } of judged(action)) last = run.after(last, kind, label, link, because);
  if (action.refused !== undefined) last = run.after(last, 'refusal', `Refused: ${action.refused.reasons.join('; ')}`, action.refused);
  if (action.waited !== undefined) last = run.after(last, 'wait', action.waited.runId === undefined ? `Waited for ${action.waited.for}` : `Started run ${action.waited.runId}${action.waited.status === undefined ? '' : `, which ${action.waited.status}`}`, action.waited);
  if (action.call !== undefined) last = run.after(last, 'call', `Sent to ${action.call.adapter}, ${action.call.effect}${action.call.operationKey === undefined ? '' : `, operation ${action.call.operationKey.slice(0, 12)}`}`, action.call);
  const sent = last;
  for (const outcome of action.outcomes) last = run.after(sent, 'outcome', `${outcome.status}${outcome.replayed ? ', done before: nothing was done again' : ''}${outcome.failure === undefined ? '' : `: ${outcome.failure.message}`}`, outcome, `${outcome.attempts.length} attempts`);
  return last;
}

/** What policy and people said of a call, in the order in which they did. */
function judged({ policy, approvals }: WhyAction): readonly { readonly kind: Kind; readonly because: string; readonly label: string; readonly link: WhyLink }[] {
  return [
    ...policy.map((verdict) => ({ kind: 'policy' as const, because: 'policy', label: `${verdict.outcome}, risk ${verdict.risk.score}: ${verdict.reasons.join('; ')}`, link: verdict })),
    ...approvals.map(({ answered, ...asked }) => ({ kind: 'approval' as const, because: 'a person is asked', label: answered === undefined ? 'not answered' : `${answered.answer} by ${answered.by}`, link: answered ?? asked })),
  ].sort((left, right) => left.link.commit - right.link.commit);
}

/** A decision of which several calls came stands once. */
function decisionIn(run: RunInGraph, asked: string, { model, shown, text, answer, plan, ...link }: WhyDecision): string {
  const said = answer ?? text;
  return run.once(`decision ${link.commit}`, () => {
    const decision = run.after(asked, 'decision', `Model ${model.provider}/${model.name}${said === '' ? '' : `: ${said}`}`, link, 'was put to');
    for (const { tool, callId, trust, passages = [], ...seen } of shown.observations) {
      const observation = run.before(decision, 'observation', `${tool} (${callId}), ${trust}`, seen, 'knew');
      for (const passage of passages) run.before(observation, 'passage', `${passage.source}, by ${passage.author}, ${passage.trust}: ${passage.text}`, seen, 'held');
    }
    if (plan?.own === true) run.after(decision, 'plan', planLabel(plan), plan, 'adopted');
    if (plan?.own === false) run.before(decision, 'plan', planLabel(plan), plan, 'went by');
    return decision;
  });
}

function planLabel({ steps, trust }: NonNullable<WhyDecision['plan']>): string {
  return `Plan, ${trust}: ${steps.map(({ intention, tools }, at) => `${at + 1}. ${intention} (${tools.join(', ') || 'no tools'})`).join(' ')}`;
}

/** All nodes and edges; what stands in labels is of others. */
class Graph {
  readonly nodes: Node[] = [];
  readonly edges: WhyGraph['edges'] = [];

  add(kind: Kind, runId: string, label: string, link?: WhyLink, trusted = link?.trusted ?? true): string {
    const id = `n${this.nodes.length + 1}`;
    this.nodes.push({ id, kind, label, runId, ...(link === undefined ? {} : { commit: link.commit, at: link.at }), trusted });
    return id;
  }

  edge(from: string, to: string, label?: string): void {
    this.edges.push({ from, to, ...(label === undefined ? {} : { label }) });
  }
}

/** The part of a graph that one run tells. */
class RunInGraph {
  private readonly known = new Map<string, string>();

  constructor(private readonly graph: Graph, private readonly runId: string) {}

  add(kind: Kind, label: string, link?: WhyLink): string {
    return this.graph.add(kind, this.runId, label, link);
  }

  after(from: string, kind: Kind, label: string, link?: WhyLink, because?: string): string {
    const node = this.add(kind, label, link);
    this.graph.edge(from, node, because);
    return node;
  }

  before(to: string, kind: Kind, label: string, link?: WhyLink, because?: string): string {
    const node = this.add(kind, label, link);
    this.graph.edge(node, to, because);
    return node;
  }

  once(name: string, make: () => string): string {
    const node = this.known.get(name) ?? make();
    this.known.set(name, node);
    return node;
  }
}
