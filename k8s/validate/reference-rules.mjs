import { containersOf, nameOf, ofKind, selects, workloadsOf } from './objects.mjs';

/**
 * What schemas cannot see: objects that name each other. `external` are ConfigMaps that the installer brings; Secrets
 * always come from outside.
 */
export function referenceRules(objects, external) {
  const workloads = workloadsOf(objects);
  const find = (kind, name) => objects.some((object) => object.kind === kind && object.metadata.name === name);
  return [
    ...identityFindings(objects),
    ...workloads.flatMap((workload) => podReferences(workload, find, external)),
    ...ofKind(objects, 'Service').flatMap((service) => serviceFindings(service, workloads)),
    ...selectorFindings(objects, workloads),
    ...protectionFindings(objects, workloads),
  ];
}

function identityFindings(objects) {
  const seen = new Set();
  return objects.flatMap((object) => {
    const findings = [];
    const key = nameOf(object);
    if (seen.has(key)) findings.push(`${key}: it is rendered twice`);
    seen.add(key);
    if (!/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/.test(object.metadata?.name ?? '')) findings.push(`${key}: the name is not a DNS label of at most 63 characters`);
    for (const [label, value] of Object.entries(object.metadata?.labels ?? {})) {
      if (!/^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/.test(value)) findings.push(`${key}: the label ${label} has the invalid value "${value}"`);
    }
    return findings;
  });
}

function podReferences({ object, pod }, find, external) {
  const findings = [];
  const say = (text) => findings.push(`${nameOf(object)}: ${text}`);
  if (pod.serviceAccountName && !find('ServiceAccount', pod.serviceAccountName)) say(`the service account ${pod.serviceAccountName} does not exist`);
  for (const volume of pod.volumes ?? []) {
    const name = volume.configMap?.name;
    if (name && !find('ConfigMap', name) && !external.includes(name)) say(`the ConfigMap ${name} does not exist`);
  }
  const volumes = new Set([...(pod.volumes ?? []), ...(object.spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata)].map(({ name }) => name));
  for (const container of containersOf(pod)) {
    const ports = new Set((container.ports ?? []).map(({ name }) => name));
    for (const { name } of container.volumeMounts ?? []) if (!volumes.has(name)) say(`the volume ${name} is mounted but not declared`);
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
      const port = container[probe]?.httpGet?.port;
      if (typeof port === 'string' && !ports.has(port)) say(`${probe} asks the port ${port}, which is not declared`);
    }
  }
  return findings;
}

function serviceFindings(service, workloads) {
  const behind = workloads.filter(({ metadata }) => selects(service.spec.selector, metadata.labels));
  if (behind.length === 0) return [`${nameOf(service)}: it selects no pod`];
  return service.spec.ports.flatMap(({ targetPort }) => behind
    .filter(({ pod }) => !containersOf(pod).some(({ ports }) => ports?.some(({ name, containerPort }) => name === targetPort || containerPort === targetPort)))
    .map(({ object }) => `${nameOf(service)}: ${nameOf(object)} has no port ${targetPort}`));
}

function selectorFindings(objects, workloads) {
  return ofKind(objects, 'Deployment', 'StatefulSet').flatMap((object) => {
    const taken = workloads.filter(({ metadata }) => selects(object.spec.selector.matchLabels, metadata.labels)).map((workload) => workload.object);
    if (!taken.includes(object)) return [`${nameOf(object)}: its selector does not match its own pods`];
    return taken.filter((other) => other !== object).map((other) => `${nameOf(object)}: its selector takes pods of ${nameOf(other)}`);
  });
}

function protectionFindings(objects, workloads) {
  const budgets = ofKind(objects, 'PodDisruptionBudget');
  const policies = ofKind(objects, 'NetworkPolicy');
  const findings = workloads.filter(({ metadata }) => !policies.some(({ spec }) => selects(spec.podSelector.matchLabels, metadata.labels)))
    .map(({ object }) => `${nameOf(object)}: no NetworkPolicy confines its pods`);
  for (const { object, metadata } of workloads) {
    if (object.kind === 'Deployment' && object.spec.replicas > 1 && !budgets.some(({ spec }) => selects(spec.selector.matchLabels, metadata.labels))) {
      findings.push(`${nameOf(object)}: no PodDisruptionBudget keeps its ${object.spec.replicas} pods from being evicted together`);
    }
  }
  for (const policy of policies) {
    const confined = workloads.filter(({ metadata }) => selects(policy.spec.podSelector.matchLabels, metadata.labels));
    if (confined.length === 0) findings.push(`${nameOf(policy)}: it selects no pod`);
    const opened = (policy.spec.ingress ?? []).flatMap(({ ports }) => ports ?? []).map(({ port }) => port).filter((port) => typeof port === 'string');
    for (const port of opened) {
      if (!confined.every(({ pod }) => containersOf(pod).some(({ ports }) => ports?.some(({ name }) => name === port)))) findings.push(`${nameOf(policy)}: it opens the port ${port}, which its pods do not have`);
    }
  }
  return findings;
}
