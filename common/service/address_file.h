/* The file MUNIM_ADDRESS_FILE names: how ports that the kernel chose become known to whoever started the process. */
#ifndef MUNIM_SERVICE_ADDRESS_FILE_H
#define MUNIM_SERVICE_ADDRESS_FILE_H

/* Adds a line "key=value". Nothing is written before address_file_publish; later lines are written at once. */
void address_file_add(const char *key, const char *value);

/* Writes the file: a temporary one beside it, then rename, so that a reader sees all lines or none. Without the
 * variable it does nothing; a file that cannot be written is logged. */
void address_file_publish(void);

/* Forgets the lines; the file stays. */
void address_file_done(void);

#endif
