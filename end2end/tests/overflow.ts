/** What is too wide for its place. Nothing may be, whatever the font and the text are. */
import { type Person } from './fixtures';

/**
 * The texts that end outside of the window or are cut off by a box around them, as sentences. A text that ends with an
 * ellipsis, scrolls sideways or is for screen readers alone is as it should be.
 */
export async function tooWide(person: Person): Promise<string[]> {
  return person.page.evaluate(async () => {
    // What moves in is looked at when it is there.
    const ending = document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ending.map((one) => one.finished));

    /** Rounding, and the overhang of a slanted letter. */
    const TOLERANCE = 2;
    const isForScreenReaders = (style: CSSStyleDeclaration) => style.position === 'absolute' && style.inlineSize === '1px';
    const endsWell = (style: CSSStyleDeclaration) =>
      style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none' || /auto|scroll/.test(style.overflowX);
    const name = (element: Element) => `<${element.localName} class="${element.className}">`;

    /** What cuts off a text: a box around it, up to one that is above the page or fixed to the window; then the window. */
    function cutter(text: DOMRect, element: Element): string | undefined {
      let shown = text;
      const isOutside = (left: number, right: number) => shown.right > right + TOLERANCE || shown.left < left - TOLERANCE;
      for (let box: Element | null = element; box; box = box.parentElement) {
        const style = getComputedStyle(box);
        if (isForScreenReaders(style)) return undefined;
        const bounds = box.getBoundingClientRect();
        // From here on it is this box that has to be in sight.
        if (endsWell(style)) shown = bounds;
        else if (style.overflowX !== 'visible' && isOutside(bounds.left, bounds.right)) return name(box);
        if (style.position === 'fixed' || box.matches(':popover-open, dialog[open]')) break;
      }
      return isOutside(0, innerWidth) ? 'the window' : undefined;
    }

    const found: string[] = [];
    const sticksOut = Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - innerWidth;
    if (sticksOut > 0) found.push(`the page sticks out sideways by ${sticksOut} px`);
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      const [element, words] = [node.parentElement!, node.textContent!.trim().slice(0, 40)];
      if (!words || !element.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true })) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const by = cutter(range.getBoundingClientRect(), element);
      if (by) found.push(`"${words}" in ${name(element)} is cut off by ${by}`);
    }
    return found;
  });
}
