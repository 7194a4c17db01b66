/** Texts that are too wide for their boxes. There must be none, in any font. */
import { type Person } from './fixtures';

/**
 * Returns the texts that end outside of the window or are clipped by a box around them, as sentences. A text may end
 * with an ellipsis, scroll sideways or be for screen readers alone.
 */
export async function tooWide(person: Person): Promise<string[]> {
  return person.page.evaluate(async () => {
    // The check waits for the ends of animations.
    const ending = document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ending.map((one) => one.finished));

    /** Tolerance in pixels for rounding, and for the overhang of a slanted letter. */
    const TOLERANCE = 2;
    const isForScreenReaders = (style: CSSStyleDeclaration) => style.position === 'absolute' && style.inlineSize === '1px';
    const endsWell = (style: CSSStyleDeclaration) =>
      style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none' || /auto|scroll/.test(style.overflowX);
    const name = (element: Element) => `<${element.localName} class="${element.className}">`;

    /**
     * Returns the element that clips a text: a box around it, up to one that is over the page or fixed to the window;
     * then the window.
     */
    function cutter(text: DOMRect, element: Element): string | undefined {
      let shown = text;
      const isOutside = (left: number, right: number) => shown.right > right + TOLERANCE || shown.left < left - TOLERANCE;
      for (let box: Element | null = element; box; box = box.parentElement) {
        const style = getComputedStyle(box);
        if (isForScreenReaders(style)) return undefined;
        const bounds = box.getBoundingClientRect();
        // From here on this box has to be in the window.
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
