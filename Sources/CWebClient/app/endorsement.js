// A voice for or against a recommendation: one for each member, and never shown beside anybody.

import { h, replace } from './dom.js';
import { day, number, t } from './i18n.js';
import { announce, choice, form, sure } from './ui.js';
import { alarm, isAlarm } from './alarm.js';
import { isFetching, say, voice, watch } from './voice.js';
import { isInsider } from './session.js';

/**
 * Asks whether somebody supports a recommendation, and casts that by the anonymous way.
 * @param {object} recommendation as the API shows it to members
 * @returns {HTMLElement} empty for who has no vote; drawn anew when something changes
 */
export function endorsement(recommendation) {
    const box = h('div.no-print', {});
    if (!isInsider() || !recommendation.endorsement) return box;
    if (recommendation.endorsement !== 'open') return replace(box, h('p', {}, t(`endorse.is.${recommendation.endorsement}`)));
    const scope = recommendation.endorsementScope;
    let before = null;
    const draw = async () => {
        const stopped = await alarm(draw);
        const found = await (await voice()).standing('endorsement', scope);
        const text = t(`endorse.${found.state === 'unfetched' && isFetching() ? 'fetching' : found.state}`);
        // What somebody has ticked is not drawn over.
        if (before === `${text} ${stopped !== null}`) return;
        before = `${text} ${stopped !== null}`;
        replace(box, stopped ?? (found.state === 'ready' ? ask(scope, found.key, draw, box) : h('p.notice', { tabindex: '-1' }, text)));
    };
    void draw().catch(() => replace(box, h('p.empty', {}, t('error.unexpected'))));
    return watch(box, draw);
}

function ask(scope, key, draw, box) {
    const answer = choice(t('endorse.ask'), ['yes', 'no', 'abstain'].map((one) => [one, t(`endorse.do.${one}`)]), {
        required: true, hint: t('endorse.hint'),
    });
    const isSmall = key !== null && key.granted < key.minSet;
    return form({
        fields: [answer.box, isSmall ? h('p.hint', {}, t('endorse.small', { granted: number(key.granted), minSet: number(key.minSet), day: day(key.redeemTo) })) : null],
        submit: t('endorse.cast'), kept: t('endorse.kept'), name: t('endorse.ask'),
        act: async () => {
            const support = answer.value();
            if (!await sure(t('endorse.sure', { answer: t(`endorse.do.${support}`) }), t('endorse.cast'))) return;
            await cast({ recommendation: scope, support });
            await draw();
            box.querySelector('.notice')?.focus();
        },
    });
}

async function cast(content) {
    try {
        const entry = await say({ endorsement: content });
        announce(t(entry.state === 'refused' ? 'endorse.refused' : 'endorse.done'));
    } catch (error) {
        if (!isAlarm(error)) throw error;
    }
}
