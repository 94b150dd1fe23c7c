// Drawn signs beside the words of Einfache Sprache: whoever reads with difficulty finds a place again by its picture.

import { s } from './dom.js';
import { language } from './i18n.js';

const circle = (x, y, r) => `M${x} ${y + r}a${r} ${r} 0 1 0 0-${2 * r} ${r} ${r} 0 0 0 0 ${2 * r}z`;

/** By what they stand for, on a ground of 24 by 24. */
const lines = {
    home: 'M3 11l9-8 9 8M5 10v11h14V10M10 21v-7h4v7',
    events: 'M3 5h18v16H3zM3 10h18M8 2v5M16 2v5M8 14h3v3H8z',
    channels: 'M3 4h18v13H11l-5 4v-4H3zM7 9h10M7 13h6',
    rounds: 'M4 12h16v9H4zM8 12V3h8v9M8 16h8M10.5 7.5l1.2 1.2 2-2.4',
    numbers: 'M4 3v18h17M8 21v-6M12 21V9M16 21v-9M20 21V6',
    recommendations: 'M5 3h10l4 4v14H5zM8 10h8M8 14h8M8 18h5',
    drafts: 'M4 20l1-5L16 4l4 4L9 19zM13 7l4 4',
    moderation: `${circle(10, 10, 6)}M15 15l6 6`,
    desk: `${circle(8, 8, 3)}M2 21c0-5 3-7 6-7s6 2 6 7${circle(17, 9, 2.5)}M16 14c4 0 6 2 6 6`,
    employer: 'M4 21V6l8-3v18M12 9h8v12M3 21h19M7 9h2M7 13h2M7 17h2M15 13h2M15 17h2',
    council: 'M12 3l8 3v6c0 5-4 8-8 9-4-1-8-4-8-9V6zM8.500 12l2.500 2.500 4.500-5',
    me: `${circle(12, 7, 4)}M4 21c0-5 4-7 8-7s8 2 8 7`,
    inbox: 'M3 5h18v14H3zM3 6l9 7 9-7',
    news: 'M6 17v-6a6 6 0 1 1 12 0v6zM4 17h16M10 20h4',
    when: `${circle(12, 12, 9)}M12 7v5l3 3`,
    where: `M12 21s7-6 7-12a7 7 0 1 0-14 0c0 6 7 12 7 12z${circle(12, 9, 2)}`,
    seats: 'M7 3v10h10v8M7 13v8M7 17h10',
    online: `M3 4h18v12H3zM8 21h8M12 16v5`,
    key: `${circle(7, 12, 4)}M11 12h10M18 12v4`,
    phone: 'M6 3h4l2 5-3 2c1 3 2 4 5 5l2-3 5 2v4c0 1-1 2-2 2C11 20 4 13 4 5c0-1 1-2 2-2z',
};

/** @param {string} name @returns {SVGElement|null} none in the other languages, which are read by their words */
export function picture(name) {
    if (language() !== 'de-simple' || !lines[name]) return null;
    return s('svg.picture', { viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' }, s('path', { d: lines[name] }));
}
