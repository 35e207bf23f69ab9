import { z } from 'zod';
import { tenantId } from '@holdfast/contracts';
import { commonSettings } from '@holdfast/service';

export const evalsSettings = commonSettings
  .extend({
    HOLDFAST_GATEWAY_URL: z.url({ protocol: /^https?$/, error: 'must be the http address of the gateway' }),
    /** A key of the gateway that may start runs and answer approvals; whoever asks for a suite shows the same key. */
    HOLDFAST_API_KEY: z.string().min(16, 'must have at least 16 characters').optional(),
    HOLDFAST_API_KEY_FILE: z.string().optional(),
    /** Another person's key for answering approvals, since policies may demand a second person; else the same key. */
    HOLDFAST_APPROVER_KEY: z.string().min(16, 'must have at least 16 characters').optional(),
    /** The tenant that the key belongs to: its runs are read in the log. */
    HOLDFAST_TENANT: tenantId.default('default'),
    /** Where processes can be killed and started; without it, suites with kills are refused. */
    HOLDFAST_CONTROL_URL: z.url({ protocol: /^https?$/, error: 'must be the http address of a control server' }).optional(),
    HOLDFAST_CONTROL_TOKEN: z.string().optional(),
    /** Where faults between tools and the world are set; without it, suites with such faults are refused. */
    HOLDFAST_FAULT_PROXY_URL: z.url({ protocol: /^https?$/, error: 'must be the http address of a fault proxy' }).optional(),
    HOLDFAST_FAULT_PROXY_TOKEN: z.string().optional(),
    /** Suites may be named by their path below this folder; without it they must be sent. */
    HOLDFAST_SUITES_FOLDER: z.string().optional(),
  })
  .check(({ value, issues }) => {
    if (value.HOLDFAST_API_KEY === undefined && value.HOLDFAST_API_KEY_FILE === undefined) issues.push({ code: 'custom', message: 'is required, or HOLDFAST_API_KEY_FILE', path: ['HOLDFAST_API_KEY'], input: undefined });
    if (value.HOLDFAST_FAULT_PROXY_URL !== undefined && value.HOLDFAST_FAULT_PROXY_TOKEN === undefined) issues.push({ code: 'custom', message: 'is required with HOLDFAST_FAULT_PROXY_URL', path: ['HOLDFAST_FAULT_PROXY_TOKEN'], input: undefined });
    if (value.HOLDFAST_CONTROL_URL !== undefined && value.HOLDFAST_CONTROL_TOKEN === undefined) issues.push({ code: 'custom', message: 'is required with HOLDFAST_CONTROL_URL', path: ['HOLDFAST_CONTROL_TOKEN'], input: undefined });
  });
export type EvalsSettings = z.infer<typeof evalsSettings>;
