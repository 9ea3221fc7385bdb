// PyTorch itself opens what we write and writes what we read; only where python3-torch is installed.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWeights } from '../../src/formats/openWeights';
import { bytesOf, tensorOver, type StoredTensor } from '../../src/formats/storedTensor';
import { piecesToBlob, weightPieces } from '../../src/formats/writeWeights';
import { runTorch, torchPython, withoutTorch } from '../helpers/torch';

/** Saves one state dict in many ways, and its tensors' bytes beside it. */
const save = `
import argparse, collections, sys, torch
folder = sys.argv[1]
torch.manual_seed(0)
base = torch.randn(6, 8)
sd = collections.OrderedDict()
sd["conv.weight"] = torch.randn(4, 3, 3, 3)
sd["a.half"] = torch.randn(7).half()
sd["a.brain"] = torch.randn(7).bfloat16()
sd["bn.num_batches_tracked"] = torch.tensor(1234567890123)
sd["turned"] = base.t()
sd["part"] = base[1:4, ::2]
sd["same"] = base
sd["parameter"] = torch.nn.Parameter(torch.randn(5))
sd["mask"] = torch.tensor([True, False])
sd["empty"] = torch.zeros(0, 3)
for key, value in sd.items():
    raw = value.detach().contiguous()
    raw = raw.view(torch.int16) if raw.dtype == torch.bfloat16 else raw
    open(f"{folder}/{key}.bin", "wb").write(raw.numpy().tobytes())
torch.save(sd, f"{folder}/zip.pth")
torch.save(sd, f"{folder}/legacy.pth", _use_new_zipfile_serialization=False)
torch.save(sd, f"{folder}/protocol4.pth", pickle_protocol=4)
layer = torch.nn.Linear(3, 2)
rate = torch.optim.Adam(layer.parameters())
layer(torch.ones(1, 3)).sum().backward(); rate.step()
torch.save({"epoch": 3, "args": argparse.Namespace(lr=0.1), "model": layer.state_dict(), "optimizer": rate.state_dict()}, f"{folder}/checkpoint.pth")
torch.save(layer, f"{folder}/module.pth")
torch.jit.save(torch.jit.script(layer), f"{folder}/script.pt")
`;

const load = `
import sys, torch
loaded = torch.load(sys.argv[1], weights_only=True)
for key, value in loaded.items():
    raw = value.contiguous()
    raw = raw.view(torch.int16) if raw.dtype == torch.bfloat16 else raw
    print(key, str(value.dtype), list(value.shape), raw.numpy().tobytes().hex())
`;

if (torchPython === null) console.log(withoutTorch);

describe.skipIf(torchPython === null)('PyTorch', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tabtune-torch-'));
  const openFile = (name: string) => {
    const blob = new Blob([Uint8Array.from(readFileSync(join(folder, name)))]);
    return openWeights([{ path: name, blob }]);
  };
  beforeAll(() => void runTorch(save, folder));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(['zip.pth', 'legacy.pth', 'protocol4.pth'])('writes %s, which we read bit for bit', async (name) => {
    const source = await openFile(name);
    expect(source.tensors).toHaveLength(10);
    for (const tensor of source.tensors) {
      const bytes = bytesOf(await tensor.read());
      expect(Buffer.from(bytes).equals(readFileSync(join(folder, `${tensor.name}.bin`))), tensor.name).toBe(true);
    }
  });

  it('writes checkpoints whose parts we tell apart', async () => {
    const source = await openFile('checkpoint.pth');
    expect(source.passedOver).toContain('argparse.Namespace');
    expect(source.tensors.filter(({ group }) => group === 'model').map(({ name }) => name)).toEqual(['weight', 'bias']);
    expect(new Set(source.tensors.map(({ group }) => group.split('/')[0]))).toEqual(new Set(['model', 'optimizer']));
  });

  it('writes programs, which we refuse', async () => {
    await expect(openFile('module.pth')).rejects.toMatchObject({
      code: 'pickle-refused',
      detail: { name: 'torch.nn.modules.linear.Linear' },
    });
    await expect(openFile('script.pt')).rejects.toMatchObject({ code: 'pth-torchscript' });
  });

  it('opens what we write with weights_only=True', async () => {
    const patterns = Uint8Array.from({ length: 48 }, (_, i) => (i * 37) & 255);
    const tensors: [string, StoredTensor][] = [
      ['layers.0.weight', tensorOver('F32', [3, 4], patterns)],
      ['layers.0.half', tensorOver('F16', [24], patterns)],
      ['layers.0.brain', tensorOver('BF16', [2, 12], patterns)],
      ['bn.num_batches_tracked', tensorOver('I64', [], patterns.slice(0, 8))],
      ['flags', tensorOver('U8', [48], patterns)],
      ['empty', tensorOver('F32', [0, 2], new Uint8Array(0))],
    ];
    const blob = await piecesToBlob(
      weightPieces(
        'pth',
        tensors.map(([name, tensor]) => ({ ...{ name, ...tensor }, read: () => Promise.resolve(tensor) })),
        { task: 'pose', tabtune: '{"version": 1}' },
      ),
    );
    const path = join(folder, 'ours.pth');
    writeFileSync(path, new Uint8Array(await blob.arrayBuffer()));
    const kinds = { F32: 'float32', F16: 'float16', BF16: 'bfloat16', I64: 'int64', U8: 'uint8' };
    const lines = tensors.map(
      ([name, tensor]) =>
        `${name} torch.${kinds[tensor.dtype as keyof typeof kinds]} [${tensor.shape.join(', ')}] ${Buffer.from(bytesOf(tensor)).toString('hex')}`,
    );
    expect(runTorch(load, path).trimEnd().split('\n')).toEqual(lines.map((line) => line.trimEnd()));
  });
});
