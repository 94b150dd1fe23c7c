// Name, unit and language, and who sees which of them.

import { h } from '../dom.js';
import { get, patch } from '../api.js';
import { language, languages, t } from '../i18n.js';
import { announce, badge, choice, field, form, section } from '../ui.js';
import * as session from '../session.js';

export async function profile({ show: again }) {
    const me = await get('/me');
    const isInside = session.network() && session.isInsider();
    const [own, units] = isInside
        ? await Promise.all([get(`${session.home()}/memberships/me`), get(`${session.home()}/units`).then((found) => found.items)]) : [null, []];
    return [
        section(t('me.name'), h('p', {}, t('me.signInWith'), ' ', h('strong', { translate: 'no' }, me.email ?? t('nothing'))), names(me, own, units, again)),
        section(t('language'), languageForm(me)),
        section(t('me.memberships'), memberships(me)),
    ];
}

function names(me, own, units, again) {
    const name = field(t('displayName'), {
        member: 'displayName', value: own?.displayName ?? me.displayName, required: true, maxlength: 120, autocomplete: 'off', hint: t('displayName.hint'),
    });
    const unit = field(t('unit'), {
        tag: 'select', member: 'unit', value: own?.unit ?? '', isOptional: true, hint: t('unit.me.hint'),
        options: [['', t('unit.none')], ...tree(units)],
    });
    return form({
        fields: [name.box, own && units.length > 0 ? unit.box : null], submit: t('save'), name: t('me.name'),
        act: async () => {
            const displayName = name.input.value.trim();
            if (own) await patch(`${session.home()}/memberships/me`, { displayName, unit: unit.input.value || null });
            // Who is in several networks may be called differently in each; the account's own name follows only where there is one.
            if (me.memberships.length < 2) await patch('/me', { displayName });
            await session.resume();
            await again();
            announce(t('saved'));
        },
    });
}

/** Units below their parents, indented as text: a list of choices shows nothing else. */
function tree(units, parent = null, depth = 0) {
    return units.filter((one) => one.parent === parent)
        .flatMap((one) => [[one.id, `${'– '.repeat(depth)}${one.name}`], ...tree(units, one.id, depth + 1)]);
}

function languageForm(me) {
    const tongue = choice(t('language.of'), languages.map(({ id, name }) => [id, name]), { value: me.locale, member: 'locale', hint: t('language.of.hint') });
    return form({
        fields: [tongue.box], submit: t('save'), name: t('language'),
        act: async () => {
            await patch('/me', { locale: tongue.value() });
            announce(t('saved'));
            const page = document.getElementById('language');
            if (tongue.value() === language() || !page) return;
            page.value = tongue.value();
            page.dispatchEvent(new Event('change'));
        },
    });
}

function memberships(me) {
    if (me.memberships.length === 0) return h('p.empty', {}, t('home.noNetwork'));
    const named = new Map([...session.networks(), session.network()].filter(Boolean).map((one) => [one.id, one.name]));
    return h('ul.cards', {}, me.memberships.map((one) => h('li', {}, h('h3', {}, named.get(one.network) ?? t('network')),
        h('p', {}, badge(t(`membership.${one.state}`), one.state === 'active' ? 'good' : 'bad'), one.roles.map((role) => badge(t(`role.${role}`)))),
        one.state === 'active' ? null : h('p', {}, t('membership.suspended.what')))));
}
