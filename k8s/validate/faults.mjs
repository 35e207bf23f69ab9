import { ofKind } from './objects.mjs';

const deployment = (objects, component = 'gateway') => ofKind(objects, 'Deployment').find(({ metadata }) => metadata.labels['app.kubernetes.io/component'] === component);
const pod = (objects) => deployment(objects).spec.template.spec;
const container = (objects) => pod(objects).containers[0];
const alert = (objects) => ofKind(objects, 'PrometheusRule')[0].spec.groups[0].rules[0];
const broker = (objects) => ofKind(objects, 'ConfigMap').find(({ data }) => data['nats.conf']).data;

/** What the example leaves out and faults are put into too. */
export const SWITCHED_ON = ['metrics.enabled=true', 'metrics.prometheusRule.enabled=true', 'networkPolicy.metricsIngressFrom[0].podSelector.matchLabels.app=prometheus'];

/** Known faults: each is put into the rendered objects and must lead to a finding that matches. */
export const FAULTS = [
  { name: 'a container runs as root', break: (o) => { container(o).securityContext.runAsUser = 0; }, finding: /runs as root/ },
  { name: 'runAsNonRoot is gone', break: (o) => { delete pod(o).securityContext.runAsNonRoot; }, finding: /runAsNonRoot/ },
  { name: 'limits are missing', break: (o) => { delete container(o).resources.limits; }, finding: /resources\.limits\.memory is missing/ },
  { name: 'requests are missing', break: (o) => { delete container(o).resources.requests.cpu; }, finding: /resources\.requests\.cpu is missing/ },
  { name: 'a field is misspelt', break: (o) => { container(o).livenesProbe = container(o).livenessProbe; }, finding: /unknown field "livenesProbe"/ },
  { name: 'a nested field is misspelt', break: (o) => { pod(o).securityContext.runAsNonroot = true; }, finding: /unknown field "runAsNonroot"/ },
  { name: 'a number is a string', break: (o) => { deployment(o).spec.replicas = '1'; }, finding: /\/spec\/replicas must be/ },
  { name: 'a string is a number', break: (o) => { container(o).env[0].value = 8080; }, finding: /\/env\/0\/value must be/ },
  { name: 'a required field is missing', break: (o) => { delete deployment(o).spec.selector.matchLabels; delete deployment(o).spec.template; deployment(o).spec.template = undefined; }, finding: /required property 'template'/, schemasOnly: true },
  { name: 'a kind has a wrong version', break: (o) => { deployment(o).apiVersion = 'extensions/v1beta1'; }, finding: /has no Deployment in extensions\/v1beta1/ },
  { name: 'a probe is missing', break: (o) => { delete container(o).readinessProbe; }, finding: /readinessProbe is missing/ },
  { name: 'an image moves', break: (o) => { container(o).image = 'holdfast/gateway:latest'; }, finding: /no fixed tag/ },
  { name: 'an image of a registry with a port has no tag', break: (o) => { container(o).image = 'registry:5000/holdfast/gateway'; }, finding: /no fixed tag/ },
  { name: 'seccomp is off', break: (o) => { pod(o).securityContext.seccompProfile.type = 'Unconfined'; }, finding: /seccompProfile/ },
  { name: 'the root file system is writable', break: (o) => { container(o).securityContext.readOnlyRootFilesystem = false; }, finding: /readOnlyRootFilesystem/ },
  { name: 'a capability is added', break: (o) => { container(o).securityContext.capabilities.add = ['NET_ADMIN']; }, finding: /capabilities/ },
  { name: 'a token is mounted', break: (o) => { pod(o).automountServiceAccountToken = true; }, finding: /automountServiceAccountToken/ },
  { name: 'a secret stands in the open', break: (o) => { container(o).env.push({ name: 'OPENAI_API_KEY', value: 'x' }); }, finding: /stands in the open/ },
  { name: 'a Secret is rendered', break: (o) => { o.push({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys' } }); }, finding: /must not carry secrets/ },
  { name: 'a service selects nothing', break: (o) => { ofKind(o, 'Service')[0].spec.selector['app.kubernetes.io/component'] = 'gatway'; }, finding: /selects no pod/ },
  { name: 'a port is not declared', break: (o) => { ofKind(o, 'Service').find(({ metadata }) => metadata.name.endsWith('gateway')).spec.ports[0].targetPort = 'web'; }, finding: /has no port web/ },
  { name: 'a ConfigMap is not there', break: (o) => { pod(o).volumes.find(({ configMap }) => configMap).configMap.name = 'elsewhere'; }, finding: /ConfigMap elsewhere does not exist/ },
  { name: 'a volume is not declared', break: (o) => { container(o).volumeMounts.push({ name: 'spare', mountPath: '/spare' }); }, finding: /spare is mounted but not declared/ },
  { name: 'two deployments take the same pods', break: (o) => { delete deployment(o).spec.selector.matchLabels['app.kubernetes.io/component']; }, finding: /takes pods of/ },
  { name: 'pods may be evicted together', break: (o) => { deployment(o).spec.replicas = 3; }, finding: /no PodDisruptionBudget/ },
  { name: 'pods are not confined', break: (o) => { o.splice(o.findIndex(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name.endsWith('planner')), 1); }, finding: /no NetworkPolicy confines/ },
  { name: 'a port is opened that no pod has', break: (o) => { container(o).ports = container(o).ports.filter(({ name }) => name !== 'metrics'); }, finding: /opens the port metrics/ },
  { name: 'an alert has no runbook', break: (o) => { alert(o).annotations.runbook = 'docs/runbooks/nothing.md'; }, finding: /no page of docs\/runbooks/ },
  { name: 'an alert has no severity', break: (o) => { delete alert(o).labels; }, finding: /severity/ },
  { name: 'an alert is misspelt', break: (o) => { alert(o).expression = alert(o).expr; }, finding: /unknown field "expression"/ },
  { name: 'the broker forgets on a power cut', break: (o) => { broker(o)['nats.conf'] = broker(o)['nats.conf'].replace('sync_interval: always', 'sync_interval: "2m"'); }, finding: /sync_interval/ },
  { name: 'the planner may write the log', break: (o) => { broker(o)['accounts.conf'] = broker(o)['accounts.conf'].replace('"accounts":["orchestrator"]', '"accounts":["orchestrator","planner"]'); }, finding: /account CORE differs/ },
  { name: 'the planner may publish everything', break: (o) => { const [accounts, ...rest] = broker(o)['accounts.conf'].split('\n'); const key = JSON.parse(accounts.slice('accounts: '.length)); key.planner.users[0].permissions.publish.allow = ['>']; broker(o)['accounts.conf'] = [`accounts: ${JSON.stringify(key)}`, ...rest].join('\n'); }, finding: /account planner differs/ },
];

/** Values that the chart must refuse to render, and a word of the message that says why. */
export const REFUSALS = [
  { name: 'a moving tag', set: ['image.tag=latest'], message: /image\/tag/ },
  { name: 'a misspelt value', set: ['logLevle=debug'], message: /logLevle/ },
  { name: 'a misspelt value of a service', set: ['services.gateway.replica=2'], message: /replica/ },
  { name: 'a wrong type', set: ['services.gateway.replicas=many'], message: /replicas/ },
  { name: 'no partitions', set: ['partitions=0'], message: /partitions/ },
  { name: 'an adapter without a consumer', set: ['services.tool-adapters.adapter=mail'], message: /mail/ },
  { name: 'a missing public key', set: ['nats.embedded.publicKeys.planner=null'], message: /publicKeys.planner/ },
  { name: 'a seed in place of a public key', set: ['nats.embedded.publicKeys.planner=SUAMYSEED'], message: /publicKeys/ },
  { name: 'no broker', set: ['nats.embedded.enabled=false'], message: /nats\.url/ },
  { name: 'two brokers', set: ['nats.url=nats://elsewhere:4222'], message: /exclude each other/ },
  { name: 'replicas on one server', set: ['nats.replicas=3'], message: /one server/ },
  { name: 'metrics on the port of the service', set: ['metrics.port=8080'], message: /metrics\/port|metrics\.port/ },
  { name: 'no policies', set: ['policies.files=null'], message: /policies/ },
];
