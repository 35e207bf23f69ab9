const compiled = new Map<string, RegExp>();

/** True when a subject matches any of a consumer's filters. */
export function matchesAny(filters: string | readonly string[], subject: string): boolean {
  return typeof filters === 'string' ? matches(filters, subject) : filters.some((filter) => matches(filter, subject));
}

/** True when a subject matches a NATS filter: `*` is one token, a last `>` is one or more. */
export function matches(filter: string, subject: string): boolean {
  if (!filter.includes('*')) {
    return filter.endsWith('>') ? subject.startsWith(filter.slice(0, -1)) && subject.length >= filter.length : filter === subject;
  }
  let pattern = compiled.get(filter);
  if (pattern === undefined) {
    const tokens = filter.split('.').map((token) => (token === '*' ? '[^.]+' : token === '>' ? '.+' : token.replace(/[$^()|[\]{}+?\\]/g, '\\$&')));
    pattern = new RegExp(`^${tokens.join('\\.')}$`);
    compiled.set(filter, pattern);
  }
  return pattern.test(subject);
}
