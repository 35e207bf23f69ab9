import { Ban, Pause, Play, Send, Undo2 } from 'lucide';
import { useState } from 'preact/hooks';
import { Icon, type IconNode } from '../../elements/icon.js';
import { may } from '../../session/session.js';
import { SteeringDialog, type Order } from './steering-dialog.js';

interface SteeringProps {
  readonly runId: string;
  readonly isPaused: boolean;
  readonly isEnded: boolean;
  readonly isStopping: boolean;
}

/** What an operator can do to a run. Each order is asked about once more, since most cannot be taken back. */
export function Steering({ runId, isPaused, isEnded, isStopping }: SteeringProps) {
  const [order, setOrder] = useState<Order | undefined>();
  if (!may('operator') || isEnded) return null;
  const offer = (wanted: Order, label: string, icon: IconNode) => <button type="button" class="outline small" data-variant={wanted === 'abort' || wanted === 'cancel' ? 'danger' : undefined} onClick={() => setOrder(wanted)}><Icon of={icon} size={15} />{label}</button>;
  return (
    <div class="steering">
      {isPaused ? offer('resume', 'Resume', Play) : offer('pause', 'Pause', Pause)}
      {offer('signal', 'Signal', Send)}
      {isStopping ? null : offer('cancel', 'Cancel', Ban)}
      {isStopping ? null : offer('abort', 'Abort and undo', Undo2)}
      {order === undefined ? null : <SteeringDialog runId={runId} order={order} onClose={() => setOrder(undefined)} />}
    </div>
  );
}
