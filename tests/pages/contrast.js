(() => {
  const channels = color => {
    const canvas = document.createElement('canvas').getContext('2d');
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => {
    const linear = [r, g, b].map(it => it / 255).map(it => it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const known = new Map();
  const of = color => {
    if (!known.has(color)) known.set(color, channels(color));
    return known.get(color);
  };
  // What is behind an element: the nearest background that is not see-through; in a picture the box of its group, if any,
  // or a bar that the middle of the text lies on.
  const behind = element => {
    for (let one = element; one; one = one.parentElement) {
      if (one instanceof SVGElement) {
        const box = one.tagName == 'g' && one.querySelector(':scope > rect');
        if (box) return of(getComputedStyle(box).fill);
        continue;
      }
      const color = of(getComputedStyle(one).backgroundColor);
      if (color[3] == 255) return color;
    }
    return [255, 255, 255, 255];
  };
  const faint = [];
  let texts = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    if (!node.data.trim() || element.closest('title')) continue;
    const style = getComputedStyle(element);
    const text = of(element instanceof SVGElement ? style.fill : style.color);
    const both = [luminance(text), luminance(behind(element))].sort((a, b) => a - b);
    const contrast = (both[1] + 0.05) / (both[0] + 0.05);
    texts += 1;
    if (contrast < 4.5) faint.push(node.data.trim().slice(0, 40) + ': ' + contrast.toFixed(2));
  }
  return { faint, texts };
})()
