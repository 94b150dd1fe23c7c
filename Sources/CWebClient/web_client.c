#include "web_client.h"
int chorus_web_count(void);
int chorus_web_count(void){return 0;}
