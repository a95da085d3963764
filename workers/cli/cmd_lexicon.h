/* munim lexicon: the word lists. */
#ifndef MUNIM_CLI_CMD_LEXICON_H
#define MUNIM_CLI_CMD_LEXICON_H

/* check [DIR]: every fault with file and line. Exit status 0 when there is none, 65 when there is, 1 without a folder,
 * 2 for wrong usage. */
int cmd_lexicon(int argc, char **argv);

#endif
