import type { ComponentChildren } from 'preact';

/** Names and what they are, as pairs; what is undefined is left out. */
export function Facts({ of }: { readonly of: Readonly<Record<string, ComponentChildren>> }) {
  return <dl class="facts">{Object.entries(of).filter(([, value]) => value !== undefined && value !== '' && value !== null && value !== false).map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}

/** A value as JSON; long ones are folded away. */
export function Json({ value, label = 'JSON' }: { readonly value: unknown; readonly label?: string }) {
  const text = typeof value === 'string' ? value : JSON.stringify(value, undefined, 2) ?? '';
  const shown = <pre class="json" tabIndex={0} aria-label={label}>{text}</pre>;
  return text.length <= 1_200 ? shown : <details><summary>{label}, {text.length.toLocaleString()} characters</summary>{shown}</details>;
}
