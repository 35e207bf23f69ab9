/** A value as JSON, for those who want to see exactly what is there. */
export function Json({ value }: { readonly value: unknown }) {
  return <pre class="json" tabIndex={0}>{JSON.stringify(value, undefined, 2)}</pre>;
}
