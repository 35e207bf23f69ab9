/**
 * Reads the broker's configuration language (https://docs.nats.io/running-a-nats-service/configuration) as far as our
 * own files use it: maps, lists, strings, bare words, comments. Included files are taken from `files`.
 */
export function parseBrokerConfiguration(text, files = {}) {
  const tokens = text.match(/#[^\n]*|"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"#]+/g).filter((token) => !token.startsWith('#'));
  let position = 0;
  const skip = (token) => { if (tokens[position] === token) position += 1; };

  const map = (end) => {
    const result = {};
    while (position < tokens.length && tokens[position] !== end) {
      const key = word();
      if (key === 'include') {
        Object.assign(result, parseBrokerConfiguration(files[word().replace(/^\.\//, '')] ?? '', files));
      } else {
        skip(':');
        result[key] = value();
      }
      skip(',');
    }
    position += 1;
    return result;
  };
  const list = () => {
    const result = [];
    while (position < tokens.length && tokens[position] !== ']') {
      result.push(value());
      skip(',');
    }
    position += 1;
    return result;
  };
  const word = () => {
    const token = tokens[position++] ?? '';
    return token.startsWith('"') ? JSON.parse(token) : token;
  };
  const value = () => {
    if (tokens[position] === '{') { position += 1; return map('}'); }
    if (tokens[position] === '[') { position += 1; return list(); }
    const text = word();
    return /^\d+$/.test(text) ? Number(text) : text;
  };
  return map(undefined);
}
