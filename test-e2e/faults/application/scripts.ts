/** One tool call that a run is to make. `operation` is the business identity; `amount` asks a person when it is large. */
export interface ScriptedCall {
  readonly tool: ToolName;
  readonly operation: string;
  readonly amount: number;
}

/** What a run does: steps in order, each with its calls. */
export type Script = readonly (readonly ScriptedCall[])[];

/** A tool of each effect class, by the class that it stands for. */
export const TOOL_OF = {
  read: 'look_up', idempotent: 'put_record', keyed: 'pay', reconcilable: 'send_mail', 'at-most-once': 'sound_siren',
} as const;
export type ToolName = (typeof TOOL_OF)[keyof typeof TOOL_OF];

export const TASK_TYPE = 'com.example.chaos';
/** What is paid beyond this needs a person; the policies say the same. */
export const LARGE_AMOUNT = 1_000;
