"""What every training run needs: arguments, folder, schedule, scores."""
