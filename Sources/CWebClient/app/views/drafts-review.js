// What the expert panel thinks of a draft, and what advisory bodies say about it.

import { h } from '../dom.js';
import { get, post, put } from '../api.js';
import { day, number, t } from '../i18n.js';
import { action, badge, choice, field, form, items, prose, section, sure } from '../ui.js';
import { drop, keep, kept } from '../unsent.js';
import { stay } from './drafts-stay.js';

const read = async (path) => { try { return await get(path); } catch (error) { if (error.status === 404) return null; throw error; } };
const plus = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

/** Both windows of a draft; null where it was never opened. */
export const windows = (path) => Promise.all([read(`${path}/review`), read(`${path}/consultation`)]);

export async function show(page, context) {
    const [review, consultation] = await windows(page.path);
    return [panel(page, review, context), bodies(page, consultation, context)];
}

const state = (one) => h('p', {}, badge(t(one.isOpen ? 'window.open' : 'window.closed'), one.isOpen ? 'good' : ''),
    t('window.until', { day: day(one.until) }));

const until = (label, value) => field(label, {
    type: 'date', required: true, min: plus(0), value, member: 'until',
});

// MARK: The panel

function panel({ draft, path, who }, review, context) {
    return section(t('review'), h('p.hint', {}, t('review.what')),
        review ? [state(review), review.version === draft.version ? null
            : h('p.notice', {}, t('review.version', { number: number(review.version) }))]
            : h('p.empty', {}, t('review.none')),
        review && who.isCouncil && !who.isAuthor ? ballot(path, review, context) : null,
        who.isCoordinator ? panelWindow({ path, draft }, review, context) : null);
}

/** One vote each; what came of all is published with the text, and not before. */
function ballot(path, { isOpen, vote }, context) {
    if (!isOpen && !vote) return null;
    if (!isOpen) return h('p', {}, t('review.yours', { quality: number(vote.quality), effect: number(vote.effect) }));
    const ask = (name) => choice(t(`review.${name}`),
        [1, 2, 3, 4, 5].map((one) => [String(one), t(`review.${name}.${one}`)]),
        { required: true, member: name, hint: t(`review.${name}.hint`), value: vote ? String(vote[name]) : null });
    const [quality, effect] = [ask('quality'), ask('effect')];
    return form({
        fields: [quality.box, effect.box], submit: t(vote ? 'review.change' : 'review.vote'), act: async () => {
            await put(`${path}/review/vote`, { quality: Number(quality.value()), effect: Number(effect.value()) });
            await stay(context, t('review'), t('review.voted'));
        },
    });
}

/** A window that is open can be ended; a day that has passed does so. */
const ending = (name, found, end) => (found?.isOpen ? action(t(`${name}.end`), async () => {
    if (await sure(t(`${name}.end.sure`), t(`${name}.end`))) await end();
}) : []);

function panelWindow({ path, draft }, review, context) {
    const last = until(t('review.until'), review?.isOpen ? review.until : plus(14));
    const set = async (value) => {
        await put(`${path}/review`, { until: value });
        await stay(context, t('review'), t('saved'));
    };
    const isStale = review && review.version !== draft.version;
    return h('details.card', {}, h('summary', {}, t(review ? 'review.again' : 'review.open')), form({
        fields: [last.box], submit: t('review.open.do'), kind: '',
            secondary: ending('review', review, () => set(plus(-1))),
        act: async () => {
            if (isStale && !await sure(t('review.again.sure'), t('review.open.do'))) return;
            await set(last.input.value);
        },
    }));
}

// MARK: Advisory bodies

function bodies(page, found, context) {
    const { path, who } = page;
    return section(t('consultation'), h('p.hint', {}, t('consultation.what')),
        found ? [state(found), h('p', {}, t('consultation.bodies'), ' ', found.bodies.join(', ')),
            items(found.statements, (one) => h('article', {}, h('h3', {}, one.body), h('p.soft', {}, day(one.on)),
                prose(one.text)), t('consultation.none'))] : h('p.empty', {}, t('consultation.never')),
        found?.isOpen && (who.isCouncil || who.isCoordinator) ? statement(page, found, context) : null,
        who.isCoordinator ? bodiesWindow(path, found, context) : null);
}

function statement({ draft, path, who }, found, context) {
    const name = `statement:${draft.id}`;
    const store = () => keep(name, {
        text: text.input.value, isWorthKeeping: () => text.input.value.trim() !== '',
    });
    const body = field(t('consultation.body'), {
        tag: 'select', member: 'body', options: found.bodies.map((one) => [one, one]),
    });
    const text = field(t('consultation.text'), {
        tag: 'textarea', rows: 7, required: true, maxlength: 10_000, member: 'text',
        hint: t('consultation.text.hint'), value: kept(name)?.text ?? '', oninput: store,
    });
    return h('details.card', { open: !who.isCoordinator },
        h('summary', {}, t(who.isCoordinator ? 'consultation.enter' : 'consultation.say')),
        form({ fields: [body.box, text.box], submit: t('consultation.send'), act: async () => {
            if (!await sure(t('consultation.sure'), t('consultation.send'))) return;
            await post(`${path}/consultation/statements`, { body: body.input.value, text: text.input.value });
            drop(name);
            await stay(context, t('consultation'), t('saved'));
        } }));
}

function bodiesWindow(path, found, context) {
    const names = field(t('consultation.bodies'), {
        tag: 'textarea', rows: 4, required: true, hint: t('consultation.bodies.hint'), member: 'bodies',
        value: found?.bodies.join('\n') ?? '',
    });
    const last = until(t('consultation.until'), found?.isOpen ? found.until : plus(28));
    const all = () => [...new Set(names.input.value.split('\n').map((one) => one.trim()).filter(Boolean))];
    const set = async (value, bodies) => {
        await put(`${path}/consultation`, { until: value, bodies });
        await stay(context, t('consultation'), t('saved'));
    };
    return h('details.card', {}, h('summary', {}, t(found ? 'consultation.again' : 'consultation.open')), form({
        fields: [names.box, last.box], submit: t('consultation.open.do'), kind: '',
        secondary: ending('consultation', found, () => set(plus(-1), found.bodies)),
        act: () => set(last.input.value, all()),
    }));
}
