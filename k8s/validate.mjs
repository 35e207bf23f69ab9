/**
 * Renders the chart with every file of k8s/examples and checks what comes out, without a cluster:
 *   node k8s/validate.mjs                       exits 1 with the findings, if there are any
 *   node k8s/validate.mjs --self-test           puts known faults into the objects and expects each to be found
 *   node k8s/validate.mjs --write-permissions   derives the chart's copy of the broker's permission table again
 * Needs Node 24, Helm (or Go to build it) and, the first time, pip for the schemas of Kubernetes.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, parse } from 'node:path';

if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(`k8s/validate.mjs reads the contracts' TypeScript and needs Node 24; this is ${process.version}. node_modules/.bin/node is one after npm ci.`);
  process.exit(1);
}
const { parseAllDocuments, parse: parseYaml } = await import('yaml');
const { KUBERNETES_VERSIONS, MissingTool, findHelm, findSchemas, run } = await import('./validate/tools.mjs');
const { schemaRules } = await import('./validate/schemas.mjs');
const { workloadRules } = await import('./validate/workload-rules.mjs');
const { referenceRules } = await import('./validate/reference-rules.mjs');
const { PERMISSIONS_FILE, brokerRules, permissionsFindings, permissionsTemplate } = await import('./validate/broker-rules.mjs');
const { alertRules } = await import('./validate/prometheus-rules.mjs');
const { FAULTS, REFUSALS, SWITCHED_ON } = await import('./validate/faults.mjs');

const CHART = join(import.meta.dirname, 'holdfast');
// A Helm that Go built does not know a release of Kubernetes by itself; it would render for 1.20.
const CLUSTER = ['--kube-version', KUBERNETES_VERSIONS[0]];
const EXAMPLES = readdirSync(join(import.meta.dirname, 'examples')).filter((name) => name.endsWith('.yaml')).map((name) => join(import.meta.dirname, 'examples', name));

function render(helm, file, set = []) {
  const documents = parseAllDocuments(run(helm, ['template', 'holdfast', CHART, '--namespace', 'holdfast', ...CLUSTER, '--values', file, ...setting(set)]));
  const problems = documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]);
  if (problems.length > 0) throw new Error(`${file}: ${problems[0].message}`);
  return documents.map((document) => document.toJS()).filter(Boolean);
}

const setting = (values) => values.flatMap((value) => ['--set', value]);

function externalOf(file) {
  const { catalog, policies } = parseYaml(readFileSync(file, 'utf8'));
  return [catalog?.existingConfigMap, policies?.existingConfigMap].filter(Boolean);
}

function check(objects, external, schemas) {
  const structural = schemas.flatMap((rules) => rules(objects));
  // Objects that do not even have the right shape would only confuse the rules that look inside.
  const inside = () => [...workloadRules(objects), ...referenceRules(objects, external), ...brokerRules(objects), ...alertRules(objects)];
  try {
    return [...structural, ...inside()];
  } catch (error) {
    if (structural.length > 0) return structural;
    throw error;
  }
}

function validate(helm, schemas) {
  const findings = permissionsFindings();
  for (const file of EXAMPLES) {
    run(helm, ['lint', '--strict', '--quiet', ...CLUSTER, CHART, '--values', file]);
    const objects = render(helm, file);
    const own = check(objects, externalOf(file), schemas);
    console.log(`${parse(file).name}: ${objects.length} objects, Kubernetes ${KUBERNETES_VERSIONS.join(' and ')}, ${own.length} findings`);
    findings.push(...own.map((finding) => `${parse(file).name}: ${finding}`));
  }
  return findings;
}

function selfTest(helm, schemas) {
  const small = EXAMPLES.find((file) => parse(file).name === 'small');
  const sound = render(helm, small, SWITCHED_ON);
  const failures = check(sound, externalOf(small), schemas).map((finding) => `a finding without a fault: ${finding}`);
  for (const fault of FAULTS) {
    const objects = structuredClone(sound);
    fault.break(objects);
    const found = check(objects, externalOf(small), schemas);
    if (!found.some((finding) => fault.finding.test(finding))) failures.push(`not found: ${fault.name} (findings: ${found.join('; ') || 'none'})`);
  }
  for (const { name, set, message } of REFUSALS) {
    const { status, stderr } = spawnSync(helm, ['template', 'holdfast', CHART, ...CLUSTER, '--values', small, ...setting(set)], { encoding: 'utf8' });
    if (status === 0 || !message.test(stderr)) failures.push(`not refused: ${name} (${stderr.trim() || 'it rendered'})`);
  }
  console.log(`self-test: ${FAULTS.length} faults and ${REFUSALS.length} refusals tried, ${failures.length} missed`);
  return failures;
}

try {
  const mode = process.argv[2];
  if (mode === '--write-permissions') {
    writeFileSync(PERMISSIONS_FILE, `${JSON.stringify(permissionsTemplate(), undefined, 2)}\n`);
    console.log('k8s/holdfast/files/broker-permissions.json is written.');
  } else {
    const helm = findHelm();
    const folder = findSchemas();
    const schemas = KUBERNETES_VERSIONS.map((version) => schemaRules(folder, version));
    const findings = mode === '--self-test' ? selfTest(helm, schemas) : validate(helm, schemas);
    for (const finding of findings) console.error(`  ${finding}`);
    process.exitCode = findings.length > 0 ? 1 : 0;
  }
} catch (error) {
  console.error(error instanceof MissingTool ? error.message : error);
  process.exitCode = 1;
}
