import { Dialog } from '../elements/dialog.js';

/** The keys of a page. */
export function ShortcutHelp({ keys, onClose }: { readonly keys: readonly (readonly [key: string, does: string])[]; readonly onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <div>
        <dl class="keys">{keys.map(([key, does]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{does}</dd></div>)}</dl>
      </div>
      <footer><button type="button" onClick={onClose}>Close</button></footer>
    </Dialog>
  );
}
