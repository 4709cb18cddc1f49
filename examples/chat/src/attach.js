// Sending files and recordings.

import * as chat from './chat.js';
import { $ } from './dom.js';
import * as thread from './thread.js';

export function start() {
  $('attach').onclick = () => $('file').click();
  $('file').onchange = () => {
    send([...$('file').files]);
    $('file').value = '';
  };
  $('composer').ondragover = (event) => event.preventDefault();
  $('composer').ondrop = (event) => {
    event.preventDefault();
    send([...event.dataTransfer.files]);
  };
  $('text').onpaste = (event) => event.clipboardData.files.length > 0 && send([...event.clipboardData.files]);
  $('record').onclick = record;
}

function send(files) {
  const room = chat.openRoom();
  if (room && !chat.isClosed(room)) {
    thread.toEnd();
    files.forEach((file) => chat.sendFile(room, file));
  }
}

// record takes the microphone until it is pressed again, and sends what was said.
let recorder = null;
async function record() {
  if (recorder) {
    recorder.stop();
    return;
  }
  const room = chat.openRoom();
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const began = Date.now();
    const parts = [];
    recorder = new MediaRecorder(stream);
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.onstop = () => {
      stream.getTracks().forEach((track) => track.stop());
      const type = recorder.mimeType.split(';')[0];
      const file = new File(parts, `voice.${type.split('/')[1]}`, { type });
      recorder = null;
      draw();
      thread.toEnd();
      chat.sendVoice(room, file, Date.now() - began);
    };
    recorder.start();
  } catch (error) {
    recorder = null;
    $('record').title = `No recording: ${error.message}`;
  }
  draw();
}

function draw() {
  $('record').classList.toggle('active', Boolean(recorder));
  $('record').ariaLabel = recorder ? 'Send the recording' : 'Record';
}
