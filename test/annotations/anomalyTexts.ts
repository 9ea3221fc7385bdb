// Small anomaly labels in each of the formats, for tests.

const keyframes = [
  { frame: 40, bbox: [0.1, 0.2, 0.5, 0.6], enabled: true },
  { frame: 10, bbox: [0, 0, 0.4, 0.4], enabled: false },
];

export const captionsA = [
  {
    f_path: 'Abuse/Abuse001_x264.mp4',
    global_caption: '一名男子殴打他人',
    bbox_info: [{ caption: 'a man hits', start_frame: 10, end_frame: 40, keyframes }],
  },
  { f_path: 'Normal_Videos_event/Normal_Videos_015_x264.mp4', global_caption: 'people walk', bbox_info: [] },
];

export const captionsB = [
  {
    video: 'Arson009_x264.mp4',
    global_caption: 'a fire is laid',
    region_captions: ['a hand', 'a flame'],
    box_infos: [[], [{ frame: 3, bbox: [0, 0, 1, 1] }]],
    timestamps: null,
  },
  { video: 'n.mp4', global_caption: 'nothing', region_captions: ['a street'], box_infos: [[]], timestamps: [2, 10.5] },
];

export const captionsC = {
  'Burglary001_x264.mp4': { global: { Caption: 'a break-in' }, region: [{ Caption: 'a window' }] },
  'Normal_Videos001_x264.mp4': { global: { Caption: 'a shop' }, region: [{ caption: 'a till' }] },
};

export const ucfText =
  'Abuse028_x264  Abuse  165  240  -1  -1  \nRoadAccidents016_x264.mp4  RoadAccidents  530  720  800  900  \nNormal_Videos_003_x264  Normal  -1  -1  -1  -1  \n';

export const anomalyList = [
  { file: 'a.mp4', split: 'train', label: 0, frames: 128, fps: 10, anomaly_frames: [], boxes: {} },
  {
    file: 'b.mp4',
    split: 'test',
    label: 1,
    kind: 'vehicle',
    frames: 128,
    fps: 10,
    anomaly_frames: [[22, 58]],
    boxes: { '22': [0, 126, 5, 172], '23': [0, 125, 18, 171] },
  },
];
