import { HoldfastError } from '@holdfast/contracts';

/** Sends what must not be sent twice by accident: whoever got no answer is told with which option the command is the same one again. */
export async function sayHowToRepeat<T>(sent: Promise<T>, option: string): Promise<T> {
  try {
    return await sent;
  } catch (error) {
    if (!(error instanceof HoldfastError) || error.code !== 'cli.gateway-unreachable') throw error;
    throw new HoldfastError({ ...error.toJSON(), remedy: `Check HOLDFAST_GATEWAY_URL and that the gateway is up. It may have been stored all the same: repeat the command with ${option}, and it counts once.`, cause: error });
  }
}
