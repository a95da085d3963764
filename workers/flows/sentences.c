#include "workers/flows/sentences.h"

#include <string.h>

struct said {
    const char *name, *en, *hi, *mixed;
};

static const struct said texts[SENTENCE_COUNT] = {
    [SAY_NOTHING] = {"", "", "", ""},
    [SAY_GREETING] = {"greeting", "Namaste from {shop}! {next}", "{shop} की ओर से नमस्ते! {next}",
                      "{shop} ki taraf se namaste! {next}"},
    [SAY_THANKS] = {"thanks", "Thank you! {next}", "धन्यवाद! {next}", "Dhanyavaad! {next}"},
    [SAY_ASK_PRODUCT] = {"ask_product", "Which cloth do you need? We have {products}. For example: {example}",
                         "कौन सा कपड़ा चाहिए? हमारे पास {products} है। जैसे लिखिए: {example}",
                         "Kaunsa kapda chahiye? Hamare paas {products} hai. Jaise likhiye: {example}"},
    [SAY_ASK_COLOR] = {"ask_color", "Which colour of {item}? We have {colors}.",
                       "{item} किस रंग में चाहिए? हमारे पास {colors} है।",
                       "{item} kis colour mein chahiye? Hamare paas {colors} hai."},
    [SAY_ASK_QUANTITY] = {"ask_quantity", "How many metres of {item} do you need?", "{item} कितने मीटर चाहिए?",
                          "{item} kitne metre chahiye?"},
    [SAY_SUMMARY] = {"summary", "Your order:\n{lines}\n{sums}\n{note}Reply \"confirm\" to place it.",
                     "आपका ऑर्डर:\n{lines}\n{sums}\n{note}पक्का करने के लिए \"हाँ\" लिखिए।",
                     "Aapka order:\n{lines}\n{sums}\n{note}Pakka karne ke liye \"haan confirm\" likhiye."},
    [SAY_OFFER] = {"offer", "This is what we have:\n{offers}\n{rest}{note}{how}",
                   "हमारे पास इतना है:\n{offers}\n{rest}{note}{how}",
                   "Hamare paas itna hai:\n{offers}\n{rest}{note}{how}"},
    [SAY_ALTERNATIVES] = {"alternatives", "What we can give instead:\n{offers}\n{how}",
                          "इसके बदले में हम दे सकते हैं:\n{offers}\n{how}", "Iske badle hum de sakte hain:\n{offers}\n{how}"},
    [SAY_WHAT_INSTEAD] = {"what_instead", "What would you like instead?\n{offers}\n{how}",
                          "इसके बदले क्या चाहिए?\n{offers}\n{how}", "Iske badle kya chahiye?\n{offers}\n{how}"},
    [SAY_WHAT_TO_CHANGE] = {"what_to_change", "{lines}\nWhat shall I change? Write it like this: {example}",
                            "{lines}\nक्या बदलना है? ऐसे लिखिए: {example}",
                            "{lines}\nKya badalna hai? Aise likhiye: {example}"},
    [SAY_WHICH_LINE] = {"which_line", "{lines}\nWhich line do you mean? Write it with its cloth and colour.",
                        "{lines}\nकौन सी लाइन? कपड़ा और रंग साथ में लिखिए।",
                        "{lines}\nKaunsi line? Kapda aur colour saath mein likhiye."},
    [SAY_ASKED_OWNER] = {"asked_owner",
                         "Thank you. Your order of {total} has gone to the owner; the answer comes here.",
                         "धन्यवाद। {total} का आपका ऑर्डर मालिक को भेज दिया है; जवाब यहीं आएगा।",
                         "Dhanyavaad. {total} ka aapka order malik ko bhej diya hai; jawab yahin aayega."},
    [SAY_OWNER_LOOKING] = {"owner_looking", "The owner is looking at your order of {total}; the answer comes here.",
                           "मालिक आपका {total} का ऑर्डर देख रहे हैं; जवाब यहीं आएगा।",
                           "Malik aapka {total} ka order dekh rahe hain; jawab yahin aayega."},
    [SAY_LOCKED] =
        {"locked",
         "The owner is looking at your order of {total}, so it cannot be changed now. Write \"cancel\" if you "
         "do not want it.",
         "मालिक आपका {total} का ऑर्डर देख रहे हैं, इसलिए अभी बदल नहीं सकते। नहीं चाहिए तो \"cancel\" लिखिए।",
         "Malik aapka {total} ka order dekh rahe hain, isliye abhi badal nahin sakte. Nahin chahiye to "
         "\"cancel\" likhiye."},
    [SAY_CANCELLED] = {"cancelled", "Your order is cancelled. {next}", "आपका ऑर्डर रद्द कर दिया है। {next}",
                       "Aapka order cancel kar diya hai. {next}"},
    [SAY_NOTHING_LEFT] = {"nothing_left", "Nothing is left on your order, so it is cancelled. {next}",
                          "ऑर्डर में कुछ नहीं बचा, इसलिए रद्द कर दिया है। {next}",
                          "Order mein kuch nahin bacha, isliye cancel kar diya hai. {next}"},
    [SAY_EXPIRED] =
        {"expired",
         "The owner did not answer in time, so your order of {total} is closed and nothing was billed. {next}",
         "समय पर मालिक का जवाब नहीं आया, इसलिए {total} का ऑर्डर बंद कर दिया है; कोई बिल नहीं बना। {next}",
         "Time par malik ka jawab nahin aaya, isliye {total} ka order band kar diya hai; koi bill nahin "
         "bana. {next}"},
    [SAY_COMPLETED] =
        {"completed", "The owner has approved your order.\nInvoice {invoice_number}\n{lines}\n{sums}\nThank you!",
         "मालिक ने आपका ऑर्डर मंज़ूर कर दिया है।\nबिल {invoice_number}\n{lines}\n{sums}\nधन्यवाद!",
         "Malik ne aapka order manzoor kar diya hai.\nBill {invoice_number}\n{lines}\n{sums}\nDhanyavaad!"},
    [SAY_REJECTED] = {"rejected", "Sorry, the owner cannot take this order.{reason} Nothing was billed. {next}",
                      "माफ़ कीजिए, मालिक यह ऑर्डर नहीं ले सकते।{reason} कोई बिल नहीं बना। {next}",
                      "Maaf kijiye, malik yeh order nahin le sakte.{reason} Koi bill nahin bana. {next}"},
    [SAY_PRICES] = {"prices", "{prices}\nGST is extra. {next}", "{prices}\nGST अलग से। {next}",
                    "{prices}\nGST alag se. {next}"},
    [SAY_STOCKS] = {"stocks", "{stocks}\n{next}", "{stocks}\n{next}", "{stocks}\n{next}"},
    [SAY_STATUS] = {"status", "Your order so far:\n{lines}\n{next}", "अब तक आपका ऑर्डर:\n{lines}\n{next}",
                    "Ab tak aapka order:\n{lines}\n{next}"},
    [SAY_STATUS_NONE] = {"status_none", "You have no open order. {next}", "आपका कोई ऑर्डर खुला नहीं है। {next}",
                         "Aapka koi order khula nahin hai. {next}"},
    [SAY_TAKE_TIME] = {"take_time", "No hurry. {next}", "कोई जल्दी नहीं। {next}", "Koi jaldi nahin. {next}"},
    [SAY_PRICE_FIXED] = {"price_fixed", "Our prices are fixed; I cannot change them. {next}",
                         "हमारे दाम तय हैं, मैं उन्हें बदल नहीं सकता। {next}",
                         "Hamare daam fixed hain, main badal nahin sakta. {next}"},
    [SAY_NOT_DONE_HERE] = {"not_done_here", "I only take orders here; for that please call the shop. {next}",
                           "यहाँ मैं सिर्फ़ ऑर्डर लेता हूँ; इसके लिए दुकान पर फ़ोन कीजिए। {next}",
                           "Yahan main sirf order leta hoon; iske liye dukaan par phone kijiye. {next}"},
    [SAY_NOT_UNDERSTOOD] = {"not_understood", "Sorry, I did not understand that. {next}",
                            "माफ़ कीजिए, मैं समझ नहीं पाया। {next}", "Maaf kijiye, samajh nahin paya. {next}"},
    [SAY_NO_TEXT] = {"no_text", "I can only read text. Please type it. {next}",
                     "मैं सिर्फ़ लिखा हुआ पढ़ सकता हूँ। कृपया लिखकर भेजिए। {next}",
                     "Main sirf likha hua padh sakta hoon. Please likh kar bhejiye. {next}"},
    [SAY_NO_ORDER] = {"no_order", "There is no open order for that. {next}", "इसके लिए कोई ऑर्डर खुला नहीं है। {next}",
                      "Iske liye koi order khula nahin hai. {next}"},
    [SAY_REFUSED] = {"refused", "That cannot be done at this point. {next}", "यह अभी नहीं हो सकता। {next}",
                     "Yeh abhi nahin ho sakta. {next}"},
    [SAY_STOCK_MOVED] = {"stock_moved", "The stock changed just now. Please send your last message once more.",
                         "अभी-अभी स्टॉक बदल गया। कृपया पिछला संदेश एक बार फिर भेजिए।",
                         "Abhi abhi stock badal gaya. Please pichhla message ek baar phir bhejiye."},
    [SAY_NEXT_NONE] = {"next_none", "Write what you need, for example: {example}", "क्या चाहिए लिखिए, जैसे: {example}",
                       "Kya chahiye likhiye, jaise: {example}"},
    [SAY_NEXT_COLLECTING] = {"next_collecting", "Reply \"confirm\" to go on.", "आगे बढ़ने के लिए \"हाँ\" लिखिए।",
                             "Aage badhne ke liye \"haan confirm\" likhiye."},
    [SAY_NEXT_NEGOTIATION] = {"next_negotiation", "\n{offers}\n{how}", "\n{offers}\n{how}", "\n{offers}\n{how}"},
    [SAY_NEXT_FINAL] = {"next_final", "Your order of {total} is ready. Reply \"confirm\" to place it.",
                        "{total} का आपका ऑर्डर तैयार है। पक्का करने के लिए \"हाँ\" लिखिए।",
                        "{total} ka aapka order taiyaar hai. Pakka karne ke liye \"haan confirm\" likhiye."},
    [SAY_NEXT_WAITING] = {"next_waiting", "The owner is looking at your order; the answer comes here.",
                          "मालिक आपका ऑर्डर देख रहे हैं; जवाब यहीं आएगा।",
                          "Malik aapka order dekh rahe hain; jawab yahin aayega."},
    [SAY_OFFER_PARTIAL] = {"offer_partial", "{n}. {item}: {available} of one lot, you asked for {wanted}.",
                           "{n}. {item}: एक ही लॉट में {available} है, आपने {wanted} माँगा।",
                           "{n}. {item}: ek hi lot mein {available} hai, aapne {wanted} maanga."},
    [SAY_OFFER_OUT] = {"offer_out", "{n}. {item}: not in stock.", "{n}. {item}: स्टॉक में नहीं है।",
                       "{n}. {item}: stock mein nahin hai."},
    [SAY_OFFER_INSTEAD] = {"offer_instead", "{n}. {item}: not in stock; there is {alternatives}.",
                           "{n}. {item}: स्टॉक में नहीं है; {alternatives} है।",
                           "{n}. {item}: stock mein nahin hai; {alternatives} hai."},
    [SAY_HOW_PARTIAL] = {"how_partial", "Reply \"ok\" to take what there is.", "जितना है उतना लेना हो तो \"हाँ\" लिखिए।",
                         "Jitna hai utna lena ho to \"haan\" likhiye."},
    [SAY_HOW_WITHOUT] = {"how_without", "Write what to take instead, or reply \"ok\" to take what there is.",
                         "बदले में क्या दें लिखिए; जो है वही लेना हो तो \"हाँ\" लिखिए।",
                         "Badle mein kya dein likhiye; jo hai wahi lena ho to \"haan\" likhiye."},
    [SAY_HOW_OUT] = {"how_out", "For each line, write what to take instead, or \"remove\".",
                     "हर लाइन के लिए लिखिए कि बदले में क्या दें, या \"हटा दो\"।",
                     "Har line ke liye likhiye ki badle mein kya dein, ya \"hata do\"."},
    [SAY_STOCK_SOME] = {"stock_some", "{goods}: up to {available} of one lot.", "{goods}: एक ही लॉट में {available} तक।",
                        "{goods}: ek hi lot mein {available} tak."},
    [SAY_STOCK_NONE] = {"stock_none", "{goods}: not in stock.", "{goods}: स्टॉक में नहीं है।",
                        "{goods}: stock mein nahin hai."},
    [SAY_SUMS] = {"sums", "Goods {taxable}\nGST {tax}\n{round}Total {total}",
                  "माल {taxable}\nGST {tax}\n{round}कुल {total}", "Maal {taxable}\nGST {tax}\n{round}Total {total}"},
    [SAY_ROUND_OFF] = {"round_off", "Round-off {round_off}\n", "राउंड-ऑफ़ {round_off}\n", "Round-off {round_off}\n"},
    [SAY_NOTE_METRES] = {"note_metres", "I took the number as metres.\n", "मैंने संख्या को मीटर माना है।\n",
                         "Maine number ko metre maana hai.\n"},
    [SAY_NOTE_FULL] = {"note_full", "One order holds 64 lines; the rest was not added.\n",
                       "एक ऑर्डर में 64 लाइनें आती हैं; बाक़ी नहीं जोड़ी गईं।\n",
                       "Ek order mein 64 lines aati hain; baaki nahin jodi gayi.\n"},
    [SAY_NOTE_LEFT_OUT] = {"note_left_out", "Left out, not in stock: {item}.\n", "स्टॉक में नहीं, छोड़ दिया: {item}।\n",
                           "Stock mein nahin, chhod diya: {item}.\n"},
    [SAY_REST] = {"rest", "The rest is there:\n{standing}\n", "बाक़ी सब है:\n{standing}\n",
                  "Baaki sab hai:\n{standing}\n"},
    [SAY_REASON] = {"reason", " Reason: {why}.", " कारण: {why}।", " Wajah: {why}."},
};

const char *sentence_name(enum sentence id)
{
    return texts[id].name;
}

const char *sentence_text(enum sentence id, const char *language)
{
    if (strcmp(language, "en") == 0)
        return texts[id].en;
    if (strcmp(language, "hi") == 0)
        return texts[id].hi;
    return texts[id].mixed;
}

void sentence_render(UT_string *out, enum sentence id, const char *language, sentence_value *value, void *arg)
{
    const char *at = sentence_text(id, language);
    for (const char *open; (open = strchr(at, '{')) != NULL;) {
        const char *close = strchr(open, '}');
        char mark[32];
        size_t n = close != NULL ? (size_t)(close - open) - 1 : sizeof mark;
        if (n >= sizeof mark)
            break;
        memcpy(mark, open + 1, n);
        mark[n] = '\0';
        utstring_bincpy(out, at, (size_t)(open - at));
        if (!value(arg, mark, out))
            utstring_bincpy(out, open, n + 2);
        at = close + 1;
    }
    utstring_bincpy(out, at, strlen(at));
}
