/* systemd's notification protocol (sd_notify(3)), which is promised stable: one datagram a message to NOTIFY_SOCKET. */
#ifndef MUNIM_SERVICE_NOTIFY_H
#define MUNIM_SERVICE_NOTIFY_H

#include <stdint.h>

/* Sends "READY=1" and the like. Does nothing outside systemd; a message that cannot be sent is dropped. */
void notify_send(const char *state);

/* Microseconds between two WATCHDOG=1 that systemd expects of this process at most; 0 when it expects none. */
int64_t notify_watchdog_us(void);

#endif
