// Replies by code; nobody is signed in for it.

import { h, replace } from '../dom.js';
import { day, t } from '../i18n.js';
import { action, announce, field, form, prose } from '../ui.js';
import { reader } from '../voice.js';
import { network } from '../session.js';

export async function show([known]) {
    history.replaceState(null, '', '/');
    document.title = 'Chorus';
    const box = h('div', {});
    const place = field(t('inbox.network'), { value: known ?? network()?.id ?? '', required: true, autocomplete: 'off', hint: t('inbox.network.hint') });
    const code = field(t('code.yours'), { inputmode: 'numeric', autocomplete: 'off', spellcheck: 'false', required: true, hint: t('code.hint') });
    const result = h('div', {});
    replace(box, h('h1', {}, t('inbox')), h('p', {}, t('inbox.what')),
        form({
            fields: [place.box, code.box], submit: t('inbox.look'), kept: '',
            act: async () => replace(result, await thread(reader(place.input.value.trim()), code.input.value, result)),
        }), result);
    return box;
}

async function thread(client, code, result) {
    const found = await client.inbox(code);
    announce(t(`inbox.${found.state}`));
    const text = field(t('reply'), { tag: 'textarea', rows: 4, maxlength: 10_000, autocomplete: 'off', spellcheck: 'false' });
    const canReply = ['inReview', 'open'].includes(found.state);
    return h('section', {}, h('h2', {}, t(`inbox.${found.state}`)),
        found.reason ? h('p.notice', {}, found.reason) : null,
        h('ol.timeline', {}, found.messages.map((one) => h('li', {}, h('strong', {}, t(`from.${one.from}`)), ` · ${day(one.day)}`, prose(one.text)))),
        canReply ? form({ fields: [text.box], submit: t('reply.send'), kept: t('kept.draft'), act: async () => {
            await client.reply(code, text.input.value);
            text.input.value = '';
            announce(t('sent'));
        } }) : null,
        ['queued', 'inReview', 'open'].includes(found.state) ? action(t('withdraw'), async () => {
            if (!confirm(t('withdraw.sure'))) return;
            await client.withdraw(code);
            replace(result, h('p.notice', {}, t('withdrawn')));
        }) : null);
}
