import { Plus } from 'lucide';
import { useState } from 'preact/hooks';
import { Icon } from '../../elements/icon.js';
import { may } from '../../session/session.js';
import { StartDialog } from './start-dialog.js';

/** For those who may begin runs: a form for a task, and where the run is that it began. */
export function StartTask() {
  const [isOpen, setOpen] = useState(false);
  const [begun, setBegun] = useState<string>();
  if (!may('operator')) return null;
  return (
    <div class="start">
      <span role="status">{begun === undefined ? null : <a class="inline" href={`/console/runs/${begun}`}>Open the run that was begun</a>}</span>
      <button type="button" class="small" onClick={() => setOpen(true)}><Icon of={Plus} size={15} />Start a task</button>
      {isOpen ? <StartDialog onBegun={setBegun} onClose={() => setOpen(false)} /> : null}
    </div>
  );
}
