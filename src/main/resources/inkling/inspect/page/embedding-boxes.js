'use strict';
/** Rectangles [left, top, right, bottom] of a picture that are taken. A grid of cells makes it quick to ask whether another one fits. */
export class Boxes {
  constructor(width, height) {
    Object.assign(this, { width, height, cell: 24, taken: new Map() });
  }

  cells([left, top, right, bottom]) {
    const keys = [];
    for (let x = Math.floor(left / this.cell); x <= Math.floor(right / this.cell); x++) {
      for (let y = Math.floor(top / this.cell); y <= Math.floor(bottom / this.cell); y++) keys.push(x + ',' + y);
    }
    return keys;
  }

  /** Whether `box` lies within the picture, with a margin, and touches no box that is taken. */
  fits(box) {
    const clear = other => box[0] >= other[2] || other[0] >= box[2] || box[1] >= other[3] || other[1] >= box[3];
    return box[0] >= 2 && box[2] <= this.width - 2 && box[1] >= 2 && box[3] <= this.height - 2
      && this.cells(box).every(key => (this.taken.get(key) || []).every(clear));
  }

  take(box) {
    for (const key of this.cells(box)) this.taken.set(key, [...(this.taken.get(key) || []), box]);
  }
}
