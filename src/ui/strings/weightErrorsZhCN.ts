// Sentences for what can be wrong with files of weights and their download in Simplified Chinese, by code.
import type { ErrorDetail } from '../../errors';
import { where } from './whereZhCN';

const address = ({ url }: ErrorDetail) => `（${url}）`;

export const weightErrorsZhCN: Readonly<Record<string, (detail: ErrorDetail) => string>> = {
  'file-unreadable': (detail) => `文件已无法读取：选择之后它被移动、更改或删除。请重新选择${where(detail)}`,
  'weights-one-file': () => '请选择一个权重文件，或连同列表（model.safetensors.index.json）选择一个模型的所有部分。',
  'weights-empty': (detail) => `文件是空的；请重新下载${where(detail)}`,
  'weights-web-page': (detail) => `这是网页，不是文件本身；请用下载链接重新下载${where(detail)}`,
  'weights-pointer': (detail) => `这只是 Git LFS 的占位文件；请运行 git lfs pull，或直接下载文件${where(detail)}`,
  'weights-index-alone': (detail) => `这是各部分的列表；请连同它所列的文件一起选择${where(detail)}`,
  'weights-index': (detail) => `各部分的列表已损坏：没有 weight_map。请重新下载${where(detail)}`,
  'weights-index-path': (detail) => `列表指向文件夹之外的文件：“${detail['file']}”。请不要信任它${where(detail)}`,
  'weights-parts-missing': (detail) => `缺少模型的一部分：${detail['shown']}。请与列表一起选择${where(detail)}`,
  'weights-packed': (detail) => `这是打包的文件夹，或 2017 年以前的 PyTorch 权重；请解开后选择权重${where(detail)}`,
  'weights-hdf5': (detail) => `这是 Keras 的 HDF5 文件；请存为 .safetensors${where(detail)}`,
  'weights-plain-pickle': (detail) => `这个 pickle 不是 torch.save 写的；请用 torch.save 保存${where(detail)}`,
  'weights-archive': (detail) =>
    `压缩包里既没有 PyTorch 权重也没有 NumPy 数组。若权重打包在里面，请解开后选择${where(detail)}`,
  'weights-unknown': (detail) => `这不是 .safetensors、.pth、.pt 或 .npz 文件${where(detail)}`,
  'weights-passed-over': (detail) =>
    `模型的权重 ${detail['name']} 在文件里是不能读取的种类：${detail['odd']}；请存为普通浮点数${where(detail)}`,
  'weights-other-model': (detail) =>
    `这个模型的 ${detail['expected']} 个权重中，文件里只有 ${detail['found']} 个；它多半属于别的模型、别的设置，或名字前多了前缀${where(detail)}`,
  'weights-not-finite': (detail) =>
    `权重 ${detail['name']} 里有不是有限数的值；文件已损坏，或训练已失败${where(detail)}`,
  'pickle-dangerous': (detail) =>
    `在 Python 里打开这个文件会调用 ${detail['name']}，权重文件不需要它。请不要信任它；这里什么也没有运行${where(detail)}`,
  'pickle-refused': (detail) =>
    `文件里有 ${detail['name']} 类的 Python 对象，只有它自己的程序能读。请在那里只保存权重：torch.save(model.state_dict(), "weights.pth")${where(detail)}`,
  'pickle-broken': () => '文件中的张量列表已损坏；请重新下载或保存。',
  'pickle-cut-off': () => '文件在张量列表中间断掉；请重新下载或保存。',
  'pth-torchscript': (detail) =>
    `这是 TorchScript 程序，不是权重文件。请在 Python 里运行 torch.save(torch.jit.load(FILE, map_location="cpu").state_dict(), "weights.pth")${where(detail)}`,
  'pth-storage': (detail) => `缺少 ${detail['key']} 号数据，或文件不完整；请重新下载或保存${where(detail)}`,
  'pth-expanded': (detail) => `有一个张量（${detail['shape']}）重复自己的值；请用 .contiguous() 后保存。`,
  'pth-dtype': (detail) => `PyTorch 文件不能保存 ${detail['dtype']}；请存为 .safetensors。`,
  'pth-too-large': () => '不能写超过 4 GB 的 .pth 文件；请存为 .safetensors。',
  'safetensors-too-short': () => '这不是可用的 .safetensors 文件：它短得连文件头都放不下。请重新下载。',
  'safetensors-header-length': () => '这不是可用的 .safetensors 文件：文件头的长度不对，文件可能不完整。请重新下载。',
  'safetensors-header-json': () => '这不是可用的 .safetensors 文件：文件头已损坏。请重新下载或保存。',
  'safetensors-tensor-entry': (detail) => `.safetensors 文件里张量 ${detail['name']} 的条目已损坏。请重新下载或保存。`,
  'safetensors-dtype': (detail) => `.safetensors 文件里张量 ${detail['name']} 的类型未知。请存为 F16 或 F32。`,
  'safetensors-shape': (detail) => `.safetensors 文件里张量 ${detail['name']} 的形状已损坏。请重新下载或保存。`,
  'safetensors-offsets': (detail) =>
    `.safetensors 文件里张量 ${detail['name']} 的位置不对，文件可能不完整。请重新下载。`,
  'safetensors-size': (detail) =>
    `.safetensors 文件里张量 ${detail['name']} 需要 ${detail['wanted']} 字节，文件只给了 ${detail['got']} 字节。请重新下载或保存。`,
  'safetensors-overlap': (detail) =>
    `.safetensors 文件里张量 ${detail['first']} 与 ${detail['second']} 占用相同的字节。请重新保存。`,
  'npy-size': (detail) => `数组的大小与文件头所说的不符。请重新保存${where(detail)}`,
  'npy-structured': (detail) => `不支持带命名字段的数组。请把每个字段存为单独的数组${where(detail)}`,
  'tensor-not-float': (detail) => `不支持 8 位浮点数（${detail['dtype']}）；请存为 F16 或 F32。`,
  'download-address': (detail) => `这不是文件的地址：“${detail['address']}”。地址以 https:// 开头，且不含密码。`,
  'download-sum': () => 'SHA-256 是 64 位 0 到 f 的数字。请重新复制，或留空。',
  'download-unreachable': (detail) =>
    `无法连接服务器，或它不让别的网页读取文件。请用浏览器下载后在这里选择${address(detail)}`,
  'download-refused': (detail) =>
    detail['status'] === 404
      ? `这个地址没有文件${address(detail)}`
      : `服务器拒绝（${detail['status']}）。请用浏览器下载后在这里选择${address(detail)}`,
  'download-interrupted': (detail) => `连接中断。已收到的部分保留着，再次下载会从那里继续${address(detail)}`,
  'download-stopped': (detail) => `下载已停止。已收到的部分保留着，再次下载会从那里继续${address(detail)}`,
  'download-checksum': (detail) =>
    `这不是要找的文件：它的 SHA-256 是 ${detail['found']}，应为 ${detail['expected']}。文件已删除${address(detail)}`,
  'download-elsewhere': (detail) => `另一个标签页正在下载这个文件；请等它完成${address(detail)}`,
};
