"""Contact Form 7: reads its definitions and answers its programs."""
