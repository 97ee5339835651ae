"""What a kept message sets off."""
