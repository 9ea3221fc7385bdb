// Sentences for findings about label files and archives in Simplified Chinese, by code.
import type { ErrorDetail } from '../../errors';
import { where } from './whereZhCN';

const left = (detail: ErrorDetail) => `${detail['of']} 个中有 ${detail['dropped']} 个不可用，已略去`;

const leftOut: Readonly<Record<string, string>> = {
  mask: '张掩膜',
  thumbnail: '个缩略图、预览或拼图',
  map: '个深度图、光流图之类',
  hidden: '个隐藏或系统文件',
};

export const labelErrorsZhCN: Readonly<Record<string, (detail: ErrorDetail) => string>> = {
  'labels-unknown': (detail) =>
    `${detail['files']} 个文件（视频 ${detail['videos']} 个，图片 ${detail['images']} 张）中没有已知格式的标注。可用：ActivityNet 或 COCO JSON、片段表格（video, label, start, end）、Pascal VOC XML、FG-CLIP 描述、UCF-Crime 文本、FaceForensics++ 或 real/fake 文件夹、BVH、Human3.6M 数组。`,
  'labels-other-format': (detail) => `文件中没有 ${detail['format']} 格式的标注；有：${detail['found']}。`,
  'labels-second-file': (detail) => `已读取 ${detail['read']}；未读取这个标注文件${where(detail)}`,
  'label-missing-file': (detail) => `${detail['from']} 提到的文件不在文件夹里；请补上${where(detail)}`,
  'label-none': (detail) => `这个文件没有标注；请标注或去掉${where(detail)}`,
  'label-no-split': (detail) => `划分文件没有列出它；请补上或去掉${where(detail)}`,
  'label-own-split': () => '没有划分文件：70 % 训练，15 % 验证，15 % 测试。',
  'label-left-out': (detail) =>
    `略去 ${detail['files']} ${leftOut[String(detail['kind'])] ?? '个文件'}：不是素材${where(detail)}`,
  'label-affix': (detail) =>
    `${detail['way'] === 'add' ? '补上' : '去掉'}标注名${detail['before'] === '' ? '' : `前的 "${detail['before']}"`}${detail['after'] === '' ? '' : `后的 "${detail['after']}"`}后，对上了 ${detail['matched']} 个文件${where(detail)}`,
  'label-joined': (detail) => `有两处标注了同一个文件；标注已合并${where(detail)}`,
  'label-repeated': (detail) => `有 ${detail['repeated']} 处重复的标注，只计一次${where(detail)}`,
  'label-contradicts': (detail) => `对同一个文件的标注互相矛盾；请改正${where(detail)}`,
  'segments-columns': (detail) => `表格必须有 video、label、start、end 这些列${where(detail)}`,
  'segments-format': (detail) => `大多数行不可用；这不是片段表格${where(detail)}`,
  'segments-lines': (detail) => `这个表格还有 ${detail['rest']} 行不可用${where(detail)}`,
  'segments-line': (detail) => `这一行不可用${where(detail)}`,
  'activitynet-database': (detail) => `缺少每个视频一项的 "database" 对象${where(detail)}`,
  'activitynet-duration': (detail) => `这个视频的时长不是数字，按未知处理${where(detail)}`,
  'activitynet-field': (detail) => `这个视频的 "${detail['field']}" 不可用${where(detail)}`,
  'activitynet-segments': (detail) => `这个视频没有可用的片段${where(detail)}`,
  'activitynet-segment': (detail) => `这个视频的片段${left(detail)}${where(detail)}`,
  'activitynet-thumos': (detail) =>
    `没有名为 training 的部分：按 THUMOS14，"Validation" 用于训练，"Test" 用于验证${where(detail)}`,
  'voc-root': (detail) => `根元素不是 Pascal VOC 的 <annotation>${where(detail)}`,
  'voc-name': (detail) => `有一个目标没有名称${where(detail)}`,
  'voc-number': (detail) => `有一个值不是像素数${where(detail)}`,
  'voc-rotated': (detail) => `有旋转框或多边形；请转换为水平框 <bndbox>${where(detail)}`,
  'voc-missing-annotation': (detail) =>
    `${detail['split']}.txt 列出了这张图片，但没有它的 .xml；请补上${where(detail)}`,
  'box-outside': (detail) => `${detail['dropped']} 个框在图片之外或没有面积，已略去${where(detail)}`,
  'coco-lists': (detail) => `必须有 "images"、"categories" 和 "annotations" 三个列表${where(detail)}`,
  'coco-category': (detail) => `有类别缺少 "id" 或 "name"${where(detail)}`,
  'coco-image': (detail) => `有图片缺少自己的 "id" 或 "file_name"${where(detail)}`,
  'coco-strangers': (detail) => `没有一条标注的 "image_id" 是某张图片的 "id"，无法知道标注属于哪一张${where(detail)}`,
  'coco-same-number': (detail) => `不止一张图片的 "id" 是 ${detail['id']}，无法分清标注属于哪一张${where(detail)}`,
  'coco-annotation': (detail) => `标注${left(detail)}${where(detail)}`,
  'coco-twice': (detail) => `这张图片在两个部分里都有标注；以 ${detail['split']} 为准${where(detail)}`,
  'faces-splits': (detail) => `划分文件必须是成对编号的列表，例如 [["720", "672"], …]${where(detail)}`,
  'faces-list': (detail) => `必须是每个视频一项的列表${where(detail)}`,
  'faces-entry': (detail) => `列表第 ${detail['entry']} 项的 "${detail['field']}" 不可用${where(detail)}`,
  'faces-pictures': (detail) =>
    `这里有 ${detail['pictures']} 张图片不属于任何视频；请放入 <类别>/<视频> 文件夹并命名为 000000.jpg 等，或按 0033_frame_0012_face.jpg 命名${where(detail)}`,
  'faces-own-split': (detail) =>
    `${detail['videos']} 个视频没有划分：80 % 训练，10 % 验证，10 % 测试，同一人不跨部分。`,
  'faces-compression': (detail) => `有多种压缩：使用 ${detail['used']}，其余 ${detail['others']} 个视频不用。`,
  'captions-format': (detail) => `必须是带描述的视频列表，或以文件名为键的对象${where(detail)}`,
  'captions-entry': (detail) => `列表第 ${detail['entry']} 项的 "${detail['field']}" 不可用${where(detail)}`,
  'captions-all-abnormal': (detail) => `所有视频都是异常：无法学习或评估正常类${where(detail)}`,
  'anomaly-list': (detail) => `必须是每个视频一项的列表${where(detail)}`,
  'anomaly-entry': (detail) => `列表第 ${detail['entry']} 项的 "${detail['field']}" 不可用${where(detail)}`,
  'ucf-line': (detail) => `这一行不可用${where(detail)}`,
  'ucf-format': (detail) => `不可用的行超过 100 行；这不是 UCF-Crime 的标注${where(detail)}`,
  'text-gbk': (detail) =>
    `文本是 GBK 编码${detail['repaired'] === true ? '，已按此读取' : '；可以修复'}${where(detail)}`,
  'text-double-encoded': (detail) =>
    `文本被两次编码为 UTF-8${detail['repaired'] === true ? '，已还原' : '；可以修复'}${where(detail)}`,
  'text-unreadable': (detail) => `部分文本的编码未知；请存为 UTF-8${where(detail)}`,
  'text-too-large': (detail) => `文件大于 200 MB；请分开保存标注${where(detail)}`,
  'json-broken': (detail) =>
    detail['found'] === ''
      ? `JSON 没有写完就结束了；请重新保存或下载${where(detail)}`
      : `这不是有效的 JSON：第 ${detail['column']} 列的 "${detail['found']}" 不该出现；请改正或重新保存${where(detail)}`,
  'json-depth': (detail) => `JSON 嵌套过深；标注文件不会如此${where(detail)}`,
  'xml-broken': (detail) => `这不是完好的 XML；请改正或重新保存${where(detail)}`,
  'xml-depth': (detail) => `元素嵌套过深${where(detail)}`,
  'xml-doctype': (detail) => `文件自带文档类型声明；请去掉 <!DOCTYPE …>${where(detail)}`,
  'xml-entity': (detail) => `有 XML 不认识的引用；请把 & 写成 &amp;${where(detail)}`,
  'path-outside': (detail) => `有文件的路径指向文件夹之外；请勿信任这份数据${where(detail)}`,
  'zip-path': (detail) => `压缩包里有文件指向包外；请勿信任它${where(detail)}`,
  'zip-bomb': (detail) => `压缩包解开后过大；请分开保存${where(detail)}`,
  'zip-method': (detail) => `不支持这种压缩方法；请用 store 或 deflate 保存${where(detail)}`,
};
