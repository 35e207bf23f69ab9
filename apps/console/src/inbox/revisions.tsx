import { useId } from 'preact/hooks';
import { textOf } from './leaves.js';
import type { Judged } from './suspicion.js';

interface EditedProps {
  readonly values: readonly Judged[];
  /** What was typed, by path. */
  readonly typed: ReadonlyMap<string, string>;
  readonly onType: (path: string, text: string) => void;
}

/** The values of a call as fields. Texts are typed as they are, all else as JSON. */
export function EditedValues({ values, typed, onType }: EditedProps) {
  const prefix = useId();
  return (
    <fieldset class="edited">
      <legend>What is it to be made with? <span class="quiet">You vouch for what you change.</span></legend>
      {values.map(({ path, value }) => {
        const text = typed.get(path) ?? textOf(value);
        const id = `${prefix}-${path}`;
        return (
          <div key={path}>
            <label for={id}><code>{path}</code></label>
            <textarea id={id} rows={Math.min(8, text.split('\n').length)} spellcheck={false} value={text} onInput={(event) => onType(path, event.currentTarget.value)} />
          </div>
        );
      })}
    </fieldset>
  );
}

interface VouchedProps {
  readonly values: readonly Judged[];
  readonly vouched: ReadonlySet<string>;
  readonly onVouch: (vouched: ReadonlySet<string>) => void;
}

/** Which values a person vouches for. */
export function VouchedValues({ values, vouched, onVouch }: VouchedProps) {
  return (
    <fieldset class="vouched">
      <legend>Which values do you vouch for? <span class="quiet">In calls of this tool, for the rest of the run.</span></legend>
      {values.map(({ path, value }) => (
        <label key={path}>
          <input type="checkbox" checked={vouched.has(path)} onChange={(event) => onVouch(new Set(event.currentTarget.checked ? [...vouched, path] : [...vouched].filter((one) => one !== path)))} />
          <code>{path}</code> <span class="said">{textOf(value)}</span>
        </label>
      ))}
    </fieldset>
  );
}
