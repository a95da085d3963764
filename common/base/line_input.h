/* Lines out of a descriptor that is also polled: stdio would keep lines back where poll does not see them. */
#ifndef MUNIM_BASE_LINE_INPUT_H
#define MUNIM_BASE_LINE_INPUT_H

#include <stdbool.h>

struct line_input;

/* The descriptor stays the caller's. */
struct line_input *line_input_new(int fd);
void line_input_free(struct line_input **in);

/* Reads once; blocks when there is nothing. False at the end of the input, and when it cannot be read. */
bool line_input_read(struct line_input *in);

/* The next line that has been read, without its end; NULL when there is none. At the end of the input the rest counts
 * as a line. A line beyond 64 KiB comes in pieces. Vanishes at the next call. */
char *line_input_next(struct line_input *in);

#endif
