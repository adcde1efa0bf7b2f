/* What the system knows of this process, under the names that every dashboard
 * knows (process_…), and leggio_build_info. */
#ifndef LEGGIO_COMMON_PROCESS_METRICS_H
#define LEGGIO_COMMON_PROCESS_METRICS_H

/* Bring the gauges up to date; the admin endpoint does before it prints. */
void process_metrics_update(void);

#endif
