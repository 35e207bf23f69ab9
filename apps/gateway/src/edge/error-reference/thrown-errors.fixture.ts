import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** One place in the sources that makes an error with a stable code. */
export interface Thrown {
  readonly code: string;
  readonly file: string;
  /** Undefined where it depends. */
  readonly retryable: boolean | undefined;
  /** What the reader should do, with "…" for what differs; empty where it is made elsewhere. */
  readonly remedy: string;
}

/** A function of a file that makes errors of the codes that it is given. */
interface Maker {
  readonly code: number;
  readonly prefix: string;
  readonly remedy: number | string;
  readonly retryable: boolean | undefined;
}

const CODE = /^[a-z][a-z0-9-]*(\.[a-z0-9_-]+)+$/;
/** The worker protocol's page has examples, whose codes are of nobody's. */
const NOT_SOURCES = /node_modules|[/\\]dist[/\\]|async-api\.ts$|\.(spec|fixture|contract|e2e|d)\.ts$/;

/** Every error that the sources of libraries, apps and `deploy` make: read from their syntax, since most are made only when something breaks. */
export function thrownErrors(repository: string): readonly Thrown[] {
  const files = globSync(['libs/*/src/**/*.ts', 'apps/*/src/**/*.ts', 'deploy/src/**/*.ts'], { cwd: repository }).filter((file) => !NOT_SOURCES.test(file)).sort();
  const sources = files.map((file) => ({ file, source: ts.createSourceFile(file, readFileSync(join(repository, file), 'utf8'), ts.ScriptTarget.Latest, true) }));
  const constants = new Map(sources.flatMap(({ source }) => nodesOf(source).filter(ts.isVariableDeclaration).filter(({ initializer }) => initializer !== undefined && ts.isStringLiteral(initializer) && CODE.test(initializer.text)).map((each) => [each.name.getText(), (each.initializer as ts.StringLiteral).text] as const)));
  return sources.flatMap(({ file, source }) => {
    const nodes = nodesOf(source);
    const makers = new Map(nodes.flatMap(makerOf));
    return [
      ...nodes.filter(ts.isObjectLiteralExpression).flatMap((literal) => inLiteral(literal, constants)),
      ...nodes.flatMap((node) => (ts.isCallExpression(node) && makers.has(node.expression.getText()) ? [] : standingAlone(node))),
      ...nodes.filter(ts.isCallExpression).flatMap((call) => fromMaker(call, makers.get(call.expression.getText()))),
    ].map((one) => ({ ...one, file }));
  });
}

function nodesOf(root: ts.Node): readonly ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (node: ts.Node): void => { found.push(node); ts.forEachChild(node, visit); };
  visit(root);
  return found;
}

/** A member's value; of a shorthand, its name. */
function member(literal: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined {
  const found = literal.properties.find((each) => each.name?.getText() === name);
  return found === undefined ? undefined : ts.isPropertyAssignment(found) ? found.initializer : ts.isShorthandPropertyAssignment(found) ? found.name : undefined;
}

function inLiteral(literal: ts.ObjectLiteralExpression, constants: ReadonlyMap<string, string>): readonly Omit<Thrown, 'file'>[] {
  const [code, remedy] = [member(literal, 'code'), member(literal, 'remedy')];
  return code === undefined ? [] : codesIn(code, constants).map((each) => ({ code: each, retryable: retryableOf(literal), remedy: textOf(remedy) ?? '' }));
}

/** Codes that stand alone: of a class, of a variable, or of what the core refuses. */
function standingAlone(node: ts.Node): readonly Omit<Thrown, 'file'>[] {
  const value = (ts.isPropertyDeclaration(node) || ts.isVariableDeclaration(node)) && node.name.getText() === 'code' ? node.initializer
    : ts.isCallExpression(node) && node.expression.getText() === 'refused' ? node.arguments[0] : undefined;
  return value === undefined ? [] : codesIn(value, new Map()).map((code) => ({ code, retryable: false, remedy: '' }));
}

function codesIn(value: ts.Expression, constants: ReadonlyMap<string, string>): readonly string[] {
  if (ts.isConditionalExpression(value)) return [...codesIn(value.whenTrue, constants), ...codesIn(value.whenFalse, constants)];
  const text = ts.isStringLiteralLike(value) ? value.text : constants.get(value.getText());
  return text !== undefined && CODE.test(text) ? [text] : [];
}

/** Errors of tools say by their kind whether they may be tried again. */
function retryableOf(literal: ts.ObjectLiteralExpression): boolean | undefined {
  const told = member(literal, 'retryable')?.getText();
  if (told !== undefined) return told === 'true' ? true : told === 'false' ? false : undefined;
  const call = ts.isCallExpression(literal.parent) ? literal.parent.expression.getText() : '';
  return /\.(notDone|unknown)$/.test(call) ? true : /\.(refused|done)$/.test(call) ? false : undefined;
}

function textOf(value: ts.Expression | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (ts.isStringLiteralLike(value)) return value.text;
  return ts.isTemplateExpression(value) ? value.head.text + value.templateSpans.map(({ literal }) => `…${literal.text}`).join('') : undefined;
}

function makerOf(node: ts.Node): readonly (readonly [string, Maker])[] {
  const made = ts.isFunctionDeclaration(node) ? node : ts.isVariableDeclaration(node) && node.initializer !== undefined && ts.isArrowFunction(node.initializer) ? node.initializer : undefined;
  const name = ts.isFunctionDeclaration(node) || ts.isVariableDeclaration(node) ? node.name?.getText() : undefined;
  if (made?.body === undefined || name === undefined) return [];
  const parameters = made.parameters.map((each) => each.name.getText());
  return nodesOf(made.body).filter(ts.isObjectLiteralExpression).flatMap((literal) => {
    const [code, remedy] = [member(literal, 'code'), member(literal, 'remedy')];
    if (code === undefined || remedy === undefined) return [];
    const [given, prefix] = ts.isTemplateExpression(code) && code.templateSpans.length === 1 ? [code.templateSpans[0]?.expression.getText(), code.head.text] : [code.getText(), ''];
    const at = parameters.indexOf(given ?? '');
    const told = parameters.indexOf(remedy.getText());
    return at < 0 ? [] : [[name, { code: at, prefix, remedy: told < 0 ? textOf(remedy) ?? '' : told, retryable: retryableOf(literal) }] as const];
  });
}

function fromMaker(call: ts.CallExpression, maker: Maker | undefined): readonly Omit<Thrown, 'file'>[] {
  if (maker === undefined) return [];
  const given = textOf(call.arguments[maker.code]);
  const code = given === undefined ? '' : `${maker.prefix}${given}`;
  const remedy = typeof maker.remedy === 'string' ? maker.remedy : textOf(call.arguments[maker.remedy]) ?? '';
  return CODE.test(code) ? [{ code, retryable: maker.retryable, remedy }] : [];
}
