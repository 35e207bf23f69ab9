/** How findings name an object. */
export const nameOf = (object) => `${object.kind}/${object.metadata?.name}`;

export const ofKind = (objects, ...kinds) => objects.filter((object) => kinds.includes(object.kind));

/** Every object that makes pods, with the pods' own metadata and specification. */
export function workloadsOf(objects) {
  return objects.flatMap((object) => {
    if (object.kind === 'Pod') return [{ object, metadata: object.metadata, pod: object.spec }];
    if (['Deployment', 'StatefulSet', 'Job'].includes(object.kind)) return [{ object, metadata: object.spec.template.metadata, pod: object.spec.template.spec }];
    return [];
  });
}

export const containersOf = (pod) => [...(pod.initContainers ?? []), ...(pod.containers ?? [])];

/** Whether a selector's labels are all among the labels; an empty selector takes everything. */
export const selects = (selector, labels = {}) => Object.entries(selector ?? {}).every(([key, value]) => labels[key] === value);
