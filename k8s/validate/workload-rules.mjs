import { containersOf, nameOf, ofKind, workloadsOf } from './objects.mjs';

/** What every pod of the chart promises: the "restricted" Pod Security Standard, and more. */
export function workloadRules(objects) {
  return [
    ...workloadsOf(objects).flatMap(({ object, pod }) => [
      ...podFindings(object, pod),
      ...containersOf(pod).flatMap((container) => containerFindings(object, pod, container)),
    ]),
    ...ofKind(objects, 'Secret').map((object) => `${nameOf(object)}: the chart must not carry secrets; refer to one of the installer's own`),
    ...ofKind(objects, 'ServiceAccount').filter((object) => object.automountServiceAccountToken !== false).map((object) => `${nameOf(object)}: automountServiceAccountToken is not off`),
  ];
}

function podFindings(object, pod) {
  const findings = [];
  const say = (text) => findings.push(`${nameOf(object)}: ${text}`);
  if (pod.automountServiceAccountToken !== false) say('automountServiceAccountToken is not off');
  if (!pod.serviceAccountName || pod.serviceAccountName === 'default') say('it uses the default service account');
  if (pod.hostNetwork || pod.hostPID || pod.hostIPC) say('it shares a namespace of the host');
  for (const volume of pod.volumes ?? []) if (volume.hostPath) say(`the volume ${volume.name} is a folder of the host`);
  if (object.kind === 'Deployment' && !(pod.topologySpreadConstraints?.length > 0)) say('nothing spreads its pods over hosts');
  return findings;
}

function containerFindings(object, pod, container) {
  const findings = [];
  const say = (text) => findings.push(`${nameOf(object)}, container ${container.name}: ${text}`);
  const own = container.securityContext ?? {};
  const shared = pod.securityContext ?? {};
  const effective = (key) => own[key] ?? shared[key];
  if (effective('runAsNonRoot') !== true) say('runAsNonRoot is not true');
  if (effective('runAsUser') === 0) say('it runs as root');
  if (effective('seccompProfile')?.type !== 'RuntimeDefault') say('seccompProfile is not RuntimeDefault');
  if (own.privileged) say('it is privileged');
  if (own.allowPrivilegeEscalation !== false) say('allowPrivilegeEscalation is not false');
  if (own.readOnlyRootFilesystem !== true) say('readOnlyRootFilesystem is not true');
  if (!own.capabilities?.drop?.includes('ALL') || own.capabilities.add?.length > 0) say('capabilities are not all dropped');
  for (const bound of ['requests', 'limits']) {
    for (const resource of ['cpu', 'memory']) if (container.resources?.[bound]?.[resource] === undefined) say(`resources.${bound}.${resource} is missing`);
  }
  const tag = /:([^:/@]+)(?:@|$)/.exec(container.image ?? '')?.[1];
  if (!container.image?.includes('@sha256:') && (tag === undefined || tag === 'latest')) say(`the image ${container.image} has no fixed tag`);
  if (object.kind === 'Deployment' || object.kind === 'StatefulSet') {
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) if (!container[probe]) say(`${probe} is missing`);
  }
  for (const { name, value } of container.env ?? []) {
    // The path of a mounted file is no secret.
    if (value !== undefined && !value.startsWith?.('/run/') && /(_KEY|_SECRET|_TOKEN|PASSWORD|DATABASE_URL)$/.test(name)) say(`${name} is a secret and stands in the open`);
  }
  const names = (container.env ?? []).map(({ name }) => name);
  for (const name of new Set(names.filter((each, index) => names.indexOf(each) !== index))) say(`${name} is set twice`);
  return findings;
}
